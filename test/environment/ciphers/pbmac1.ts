import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** DER by its own rules: a tag, a length, the parts. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const hex = content.length.toString(16)
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const head = content.length < 128 ? length : Buffer.concat([Buffer.of(0x80 | length.length), length])
  return Buffer.concat([Buffer.of(tag), head, content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const number = (value: number): Buffer => der(0x02, Buffer.from(`0${value.toString(16)}`.padStart(8, '0'), 'hex'))
const NOTHING = der(0x05)

const HMACS = { sha256: '2a864886f70d0209', sha512: '2a864886f70d020b' } as const
const KDFS = { pbkdf2: '2a864886f70d01050c', scrypt: '2b06010401da47040b' } as const

export interface Pbmac1 {
  readonly password: string
  readonly hash?: keyof typeof HMACS
  readonly prf?: keyof typeof HMACS
  readonly kdf?: keyof typeof KDFS
  readonly keyBytes?: number
}

/** A PKCS#12 store in DER with a PBMAC1 (RFC 9579) in the place of the MAC that it has. */
export function withPbmac1(store: Buffer, { password, hash = 'sha256', prf = 'sha256', kdf = 'pbkdf2', keyBytes = 32 }: Pbmac1): Buffer {
  const [version, contents] = partsOf(partsOf(store)[0]!.content)
  const [, explicit] = partsOf(contents!.content)
  const authenticated = partsOf(partsOf(explicit!.content)[0]!.whole)[0]!.content
  const salt = randomBytes(8)
  const key = pbkdf2Sync(password, salt, 2048, Math.max(keyBytes, 1), prf)
  const derivation = sequence(
    oid(KDFS[kdf]),
    sequence(der(0x04, salt), number(2048), ...(keyBytes === 0 ? [] : [number(keyBytes)]), sequence(oid(HMACS[prf]), NOTHING)),
  )
  const algorithm = sequence(oid('2a864886f70d01050e'), sequence(derivation, sequence(oid(HMACS[hash]), NOTHING)))
  const digest = der(0x04, createHmac(hash, key).update(authenticated).digest())
  return sequence(version!.whole, contents!.whole, sequence(sequence(algorithm, digest), der(0x04, Buffer.from('NOT USED')), number(1)))
}

interface Part {
  readonly whole: Buffer
  readonly content: Buffer
}

function partsOf(bytes: Buffer): readonly Part[] {
  const parts: Part[] = []
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1]!
    const count = first < 128 ? 0 : first & 0x7f
    const start = at + 2 + count
    const end = start + (count === 0 ? first : bytes.readUIntBE(at + 2, count))
    parts.push({ whole: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return parts
}
