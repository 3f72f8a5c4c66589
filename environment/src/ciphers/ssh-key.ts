import type { KeyObject } from 'node:crypto'

/** The public part as one line of OpenSSH's, which is what Spring's `/key` answers. */
export function sshPublicKey(key: KeyObject, comment: string): string {
  const { n = '', e = '' } = key.export({ format: 'jwk' })
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), field(positive(e)), field(positive(n))])
  return `ssh-rsa ${blob.toString('base64')} ${comment}`
}

/** A number whose first bit is set would be negative: a zero byte goes before it. */
function positive(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url')
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
