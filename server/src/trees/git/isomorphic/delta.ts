/** How long an object is that a delta makes, and of one of which length. */
export interface DeltaSizes {
  readonly base: number
  readonly result: number
}

/** The first bytes of a delta are enough. */
export function sizesOfDelta(delta: Buffer): DeltaSizes {
  const reader = { bytes: delta, at: 0 }
  return { base: readSize(reader), result: readSize(reader) }
}

/** Makes an object of another and what differs (gitformat-pack, "Deltified representation"). Throws where the two do not belong together. */
export function applyDelta(base: Uint8Array, delta: Buffer): Buffer {
  const reader = { bytes: delta, at: 0 }
  const baseSize = readSize(reader)
  const size = readSize(reader)
  if (baseSize !== base.length) throw new Error(`a delta is for an object of ${baseSize} bytes, and got one of ${base.length}`)
  const result = Buffer.allocUnsafe(size)
  let filled = 0
  while (reader.at < delta.length) {
    const next = readStep(reader, base)
    if (filled + next.length > size) throw new Error('a delta makes more than it says')
    result.set(next, filled)
    filled += next.length
  }
  if (filled !== size) throw new Error(`a delta made ${filled} bytes of ${size}`)
  return result
}

/** What comes next: bytes of the base, or of the delta itself. */
function readStep(reader: Reader, base: Uint8Array): Uint8Array {
  const code = readByte(reader)
  if (code === 0) throw new Error('a delta holds what is not known')
  const isCopy = code >= 0x80
  const from = isCopy ? readNumber(reader, code & 0x0f) : reader.at
  const length = isCopy ? readNumber(reader, (code >> 4) & 0x07) || 0x10000 : code
  if (!isCopy) reader.at += length
  const source = isCopy ? base : reader.bytes
  if (from + length > source.length) throw new Error('a delta leads out of its object')
  return source.subarray(from, from + length)
}

interface Reader {
  readonly bytes: Buffer
  at: number
}

function readByte(reader: Reader): number {
  const byte = reader.bytes[reader.at]
  if (byte === undefined) throw new Error('a delta ends too early')
  reader.at += 1
  return byte
}

/** Seven bits a byte, the lowest first. */
function readSize(reader: Reader): number {
  let value = 0
  for (let scale = 1; ; scale *= 0x80) {
    const byte = readByte(reader)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
}

/** Of the four bytes, the lowest first, those alone are there that the bits name. */
function readNumber(reader: Reader, bits: number): number {
  let value = 0
  for (let byte = 0; byte < 4; byte++) if ((bits & (1 << byte)) !== 0) value += readByte(reader) * 2 ** (8 * byte)
  return value
}
