/** One value of ASN.1 with what it was tagged. */
export interface DerNode {
  /** The identifier byte: class, constructed, number. */
  readonly tag: number
  readonly content: Buffer
  /** Header and content. */
  readonly whole: Buffer
}

/** Thrown inside the readers of keys; whoever reads a store says which store it was. */
export class Malformed extends Error {}

/** What PKCS#12 uses of the universal and the context tags. */
export const TAG = { integer: 0x02, octets: 0x04, nothing: 0x05, oid: 0x06, sequence: 0x30, set: 0x31, bmp: 0x1e, first: 0xa0 } as const

const MAX_DEPTH = 32

/** The first value in some bytes; indefinite lengths are understood, as some programs write PKCS#12 with them. Throws `Malformed`. */
export function readDer(bytes: Buffer, depth = 0): DerNode {
  const tag = byteAt(bytes, 0)
  if ((tag & 0x1f) === 0x1f || depth > MAX_DEPTH) throw new Malformed('a tag or a nesting that no key store has')
  const first = byteAt(bytes, 1)
  if (first === 0x80) return readIndefinite(bytes, tag, depth)
  const count = first < 0x80 ? 0 : first & 0x7f
  if (count > 4) throw new Malformed('a length beyond all measure')
  const length = count === 0 ? first : whole(bytes, 2, count).readUIntBE(0, count)
  const start = 2 + count
  return { tag, content: whole(bytes, start, length), whole: bytes.subarray(0, start + length) }
}

/** The values inside a constructed one. Throws `Malformed`. */
export function children(node: DerNode, depth = 0): readonly DerNode[] {
  const nodes: DerNode[] = []
  for (let rest = node.content; rest.length > 0; rest = rest.subarray(nodes.at(-1)?.whole.length)) nodes.push(readDer(rest, depth))
  return nodes
}

/** The children of a value that must have this tag, and at least so many of them. Throws `Malformed`. */
export function childrenOf(node: DerNode | undefined, tag: number, least = 0): readonly DerNode[] {
  const nodes = children(expectTag(node, tag))
  if (nodes.length < least) throw new Malformed('a value with too few parts')
  return nodes
}

/** The bytes of an octet string, one in pieces too. Throws `Malformed`. */
export function octets(node: DerNode | undefined): Buffer {
  if (node !== undefined && (node.tag & 0x20) !== 0) return Buffer.concat(children(node).map(octets))
  return expectTag(node, TAG.octets).content
}

/** A whole number that is not negative. Throws `Malformed`. */
export function integer(node: DerNode | undefined): number {
  const { content } = expectTag(node, TAG.integer)
  if (content.length === 0 || content.length > 4 || byteAt(content, 0) >= 0x80) throw new Malformed('a number beyond all measure')
  return content.readUIntBE(0, content.length)
}

/** An object identifier with its dots. Throws `Malformed`. */
export function oid(node: DerNode | undefined): string {
  const { content } = expectTag(node, TAG.oid)
  const steps: number[] = []
  let step = 0
  for (const byte of content) {
    step = step * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    steps.push(step)
    step = 0
  }
  const [first = 0, ...rest] = steps
  const arc = Math.min(2, Math.floor(first / 40))
  return [arc, first - arc * 40, ...rest].join('.')
}

function expectTag(node: DerNode | undefined, tag: number): DerNode {
  if (node?.tag !== tag) throw new Malformed('a value of another kind than expected')
  return node
}

/** A value that ends where two zero bytes stand in the place of a value. */
function readIndefinite(bytes: Buffer, tag: number, depth: number): DerNode {
  let end = 2
  while (byteAt(bytes, end) !== 0 || byteAt(bytes, end + 1) !== 0) end += readDer(bytes.subarray(end), depth + 1).whole.length
  return { tag, content: bytes.subarray(2, end), whole: bytes.subarray(0, end + 2) }
}

function byteAt(bytes: Buffer, index: number): number {
  const byte = bytes[index]
  if (byte === undefined) throw new Malformed('an end before the end')
  return byte
}

function whole(bytes: Buffer, start: number, length: number): Buffer {
  if (start + length > bytes.length) throw new Malformed('an end before the end')
  return bytes.subarray(start, start + length)
}
