import { type ParseContext, unreadable } from './document.js'

/** Decodes UTF-8, or what a byte order mark says (UTF-8, UTF-16), without the mark; throws `unreadable-file` where that fails. */
export function decodeUnicode(context: ParseContext, bytes: Uint8Array): string {
  const encoding = markedEncoding(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw unreadable(
      { file: context.file, expected: `expected ${encoding} text, got other bytes`, cause },
      placeOfBadBytes(bytes, encoding),
    )
  }
}

/** Decodes ISO-8859-1: every byte is the character with its number. (The label `latin1` of TextDecoder means windows-1252.) */
export function decodeLatin1(bytes: Uint8Array): string {
  const chunks: string[] = []
  for (let start = 0; start < bytes.length; start += CHUNK) chunks.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK)))
  return chunks.join('')
}

/** Small enough to be passed as arguments. */
const CHUNK = 8192

function markedEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return 'utf-8'
}

/** The last line that decodes is as near as a decoder tells. */
function placeOfBadBytes(bytes: Uint8Array, encoding: string): { line: number; column: number } {
  if (encoding !== 'utf-8') return { line: 1, column: 1 }
  const good = new TextDecoder().decode(bytes).split('\ufffd', 1)[0] ?? ''
  const lines = good.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
