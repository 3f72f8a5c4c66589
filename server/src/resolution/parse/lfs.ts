/** The specification of Git LFS: a pointer is a text of less than this many bytes. */
const LARGEST = 1024
const POINTER = /^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\/v\d+\n(?:[\w.-]+ .*\n)*?oid \w+:[0-9a-f]+\n/

/** Whether these bytes are what Git LFS puts into Git in the place of a file (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). */
export function isLfsPointer(bytes: Uint8Array): boolean {
  if (bytes.length >= LARGEST || bytes[0] !== 0x76) return false
  return POINTER.test(new TextDecoder('latin1').decode(bytes).replaceAll('\r\n', '\n'))
}
