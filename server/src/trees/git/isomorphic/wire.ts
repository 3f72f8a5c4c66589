import { type Advertisement, findHead, isBranchOrTag } from '../remote.js'
import type { Pace } from './pace.js'

/** What a remote says before anything is asked of it: what it has, and what it can do. */
export interface Greeting extends Advertisement {
  readonly capabilities: ReadonlySet<string>
  /** The commits at which the history of a shallow repository was cut off. */
  readonly shallow: readonly string[]
}

/** One pkt-line of Git's protocol: four hex digits of length, then the payload. */
export function packet(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text
}

const FLUSH = '0000'
const anyPace: Pace = () => undefined

/** Splits a stream into the payloads of its pkt-lines; `undefined` for a flush. Throws where the stream is not such, or ends within a packet. */
async function* readPackets(chunks: AsyncIterable<Uint8Array>, pace: Pace): AsyncGenerator<Buffer | undefined> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    pace(chunk.byteLength, rest.length === 0 ? 'begins' : 'goes on')
    rest = Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= 4) {
      const length = lengthOf(rest.toString('latin1', at, at + 4))
      if (length > rest.length - at) break
      yield length === 0 ? undefined : rest.subarray(at + 4, at + length)
      at += length === 0 ? 4 : length
    }
    rest = rest.subarray(at)
  }
  if (rest.length > 0) throw new Error('the answer ends in the middle of a packet')
}

function lengthOf(digits: string): number {
  const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : 1
  if (length > 0 && length < 4)
    throw new Error(`the answer is not Git's protocol: expected the length of a packet, got ${JSON.stringify(digits)}`)
  return length
}

/** Reads the answer of `info/refs` (protocol version 0). Refs other than branches and tags are dropped. */
export async function readAdvertisement(chunks: AsyncIterable<Uint8Array>, pace: Pace = anyPace): Promise<Greeting> {
  const rows: (readonly [right: string, left: string])[] = []
  let capabilities: ReadonlySet<string> = new Set()
  // The comment line has a flush of its own; what follows ends with another, and may be empty.
  let flushes = 1
  for await (const line of readPackets(chunks, pace)) {
    if (line === undefined) flushes -= 1
    const text = line?.toString('utf8').replace(/\n$/, '') ?? ''
    if (text.startsWith('ERR ')) throw new Error(`the remote says: ${text.slice(4)}`)
    if (text.startsWith('# service=')) flushes += 1
    const [ref = '', extra] = text.split('\0')
    if (extra !== undefined) capabilities = new Set(extra.trim().split(' '))
    const space = ref.indexOf(' ')
    if (/^([0-9a-f]{40,64}|shallow) /.test(ref)) rows.push([ref.slice(space + 1), ref.slice(0, space)])
  }
  if (flushes !== 0) throw new Error('the list of refs is not complete')
  const all = new Map(rows.filter(([, id]) => id !== 'shallow'))
  const shallow = rows.filter(([, word]) => word === 'shallow').map(([id]) => id)
  const refs = new Map([...all].filter(([name]) => isBranchOrTag(name)))
  const link = [...capabilities].find((capability) => capability.startsWith('symref=HEAD:'))?.slice('symref=HEAD:'.length)
  const idLength = capabilities.has('object-format=sha256') ? 64 : 40
  return { refs, head: findHead({ refs, link, id: all.get('HEAD') }), idLength, capabilities, shallow }
}

/** The body that asks for a pack: everything of `wants` that `haves` do not lead to. */
export function formatWants(wants: readonly string[], haves: readonly string[], capabilities: ReadonlySet<string>): Buffer {
  // No thin packs: they could not be indexed on their own. multi_ack_detailed: some servers refuse to go without.
  const use = ['multi_ack_detailed', 'side-band-64k', 'ofs-delta'].filter((capability) => capabilities.has(capability))
  const lines = wants.map((id, index) => packet(`want ${id}${index === 0 ? ` ${[...use, 'agent=carillon'].join(' ')}` : ''}\n`))
  return Buffer.from([...lines, FLUSH, ...haves.map((id) => packet(`have ${id}\n`)), packet('done\n')].join(''))
}

/** The bytes of the pack in an answer to `formatWants`: band 1 of the side band. Throws what the remote says on band 3. */
export async function* readPack(chunks: AsyncIterable<Uint8Array>, pace: Pace = anyPace): AsyncGenerator<Buffer> {
  let complete = false
  for await (const line of readPackets(chunks, pace)) {
    complete = line === undefined
    if (line === undefined) continue
    const band = line[0]
    if (band === 1) yield line.subarray(1)
    if (band === 3 || line.toString('latin1', 0, 4) === 'ERR ')
      throw new Error(
        `the remote says: ${line
          .toString('utf8')
          .replace(/^\x03|^ERR /, '')
          .trim()}`,
      )
  }
  if (!complete) throw new Error('the pack is not complete')
}
