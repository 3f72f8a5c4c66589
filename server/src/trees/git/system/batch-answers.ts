import type { GitObject, ObjectType } from '../objects.js'

/** What `git cat-file --batch` or `--batch-check` answers to one name; without an object where there is none, or more than one. */
export interface BatchAnswer {
  readonly id: string
  readonly object: GitObject | undefined
}

export interface BatchOptions {
  /** Whether the object's bytes follow each header. */
  readonly body: 'follows' | 'none'
  /** Bytes of larger objects are skipped as they come, and never held. */
  readonly largest: number
  readonly onAnswer: (answer: BatchAnswer) => void
}

const HEADER = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/
const LONGEST_HEADER = 4096
const NONE = new Uint8Array(0)

interface Body {
  readonly id: string
  readonly type: ObjectType
  readonly size: number
  /** Absent where it is skipped. */
  readonly bytes: Buffer | undefined
  filled: number
}

/** Takes the output of such a process in pieces of any size; throws where it is no such output. */
export function readBatch({ body, largest, onAnswer }: BatchOptions): (chunk: Buffer) => void {
  let head = ''
  let current: Body | undefined

  const begin = (line: string) => {
    const [, id, type, size] = HEADER.exec(line) ?? []
    if (id === undefined) {
      if (!/ (missing|ambiguous)$/.test(line)) throw new Error('git answered something else than an object')
      onAnswer({ id: line.slice(0, line.indexOf(' ')), object: undefined })
      return
    }
    const found = { id, type: type as ObjectType, size: Number(size) }
    if (body === 'none') onAnswer({ id, object: { ...found, bytes: NONE } })
    else current = { ...found, filled: 0, bytes: found.size > largest ? undefined : Buffer.allocUnsafe(found.size) }
  }
  /** Takes what belongs to the object that is being read, and the line's end behind it. */
  const fill = (chunk: Buffer, at: number, { id, type, size, bytes, filled }: Body): number => {
    const end = Math.min(chunk.length, at + size - filled)
    bytes?.set(chunk.subarray(at, end), filled)
    if (filled + end - at < size || end === chunk.length) {
      current = { id, type, size, bytes, filled: filled + end - at }
      return end
    }
    current = undefined
    onAnswer({ id, object: { type, size, bytes: bytes ?? NONE } })
    return end + 1
  }

  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (current !== undefined) {
        at = fill(chunk, at, current)
        continue
      }
      const end = chunk.indexOf(0x0a, at)
      head += chunk.toString('latin1', at, end < 0 ? chunk.length : end)
      if (head.length > LONGEST_HEADER) throw new Error('git answered something else than an object')
      if (end < 0) return
      const line = head
      head = ''
      begin(line)
      at = end + 1
    }
  }
}
