/** How long an object is that a delta makes, and of one of which length. */
export interface DeltaSizes {
  readonly base: number
  readonly result: number
}

/** The first bytes of a delta are enough. */
export function sizesOfDelta(delta: Buffer): DeltaSizes {
  const [base, at] = sizeAt(delta, 0)
  return { base, result: sizeAt(delta, at)[0] }
}

/** Makes an object of another and what differs (gitformat-pack, "Deltified representation"). Throws where the two do not belong together. */
export function applyDelta(base: Uint8Array, delta: Buffer): Buffer {
  const [baseSize, second] = sizeAt(delta, 0)
  const [size, start] = sizeAt(delta, second)
  if (baseSize !== base.length) throw new Error(`a delta is for an object of ${baseSize} bytes, and got one of ${base.length}`)
  const result = Buffer.allocUnsafeSlow(size)
  let filled = 0
  for (let at = start; at < delta.length; ) {
    const { source, from, length, end } = stepAt(delta, at, base)
    if (from + length > source.length || filled + length > size) throw new Error('a delta leads out of its object')
    result.set(source.subarray(from, from + length), filled)
    filled += length
    at = end
  }
  if (filled !== size) throw new Error(`a delta made ${filled} bytes of ${size}`)
  return result
}

/** Bytes to go on with, of the base or of the delta itself, and where the next step begins. */
interface Step {
  readonly source: Uint8Array
  readonly from: number
  readonly length: number
  readonly end: number
}

function stepAt(delta: Buffer, at: number, base: Uint8Array): Step {
  const code = delta[at] ?? 0
  if (code === 0) throw new Error('a delta holds what is not known')
  if (code < 0x80) return { source: delta, from: at + 1, length: code, end: at + 1 + code }
  const [from, next] = numberAt(delta, at + 1, code & 0x0f)
  const [length, end] = numberAt(delta, next, (code >> 4) & 0x07)
  return { source: base, from, length: length === 0 ? 0x10000 : length, end }
}

/** A number of 7 bits a byte, the lowest first, and where it ends. */
function sizeAt(bytes: Buffer, start: number): readonly [number, number] {
  let value = 0
  let scale = 1
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return [value, at + 1]
    scale *= 0x80
  }
  throw new Error('a delta ends too early')
}

/** A number of whose four bytes only those are there that the bits name, and where it ends. */
function numberAt(bytes: Buffer, start: number, bits: number): readonly [number, number] {
  let value = 0
  let at = start
  for (let byte = 0; byte < 4; byte++) if ((bits & (1 << byte)) !== 0) value += (bytes[at++] ?? 0) * 2 ** (8 * byte)
  return [value, at]
}
