import { ServerError } from '../../errors.js'

/** A way into a nested document: a text is a member of a map, a number an index of a list. The first step is a text. */
export type Path = readonly (string | number)[]

const MAX_LEVELS = 200
const MAX_INT = 2 ** 31

/** What was read, and where and with what reading goes on. */
interface Step {
  readonly step: string | number
  readonly next: number
  readonly expected: 'name' | 'index' | 'end'
}

/**
 * Reads a flat key as Spring's nested formats do: `a.b[0].c` is `['a', 'b', 0, 'c']`; a bracket without a number stays part of the name, and a dot
 * splits inside brackets too. Throws `invalid-key` where Spring answers 400, and for more than 200 levels.
 */
export function parsePath(key: string): Path {
  const path: (string | number)[] = []
  for (let from = 0, what: Step['expected'] = 'name'; what !== 'end'; ) {
    if (path.length >= MAX_LEVELS) throw invalidKey(key, `more than ${MAX_LEVELS} levels`)
    const { step, next, expected }: Step = what === 'name' ? readName(key, from) : readIndex(key, from)
    path.push(step)
    from = next
    what = expected
  }
  return path
}

/** The error for a flat key that has no place in a nested document. */
export function invalidKey(key: string, reason: string): ServerError {
  const shown = key.length > 200 ? `${key.slice(0, 200)}…` : key
  return new ServerError('invalid-key', `the key '${shown}' has no place in YAML or JSON: ${reason}`)
}

function readName(key: string, from: number): Step {
  const end = nameEnd(key, from)
  if (end === key.length) return { step: key.slice(from), next: end, expected: 'end' }
  if (end === from) throw invalidKey(key, `expected a name at position ${from + 1}`)
  return { step: key.slice(from, end), next: end + 1, expected: key[end] === '.' ? 'name' : 'index' }
}

/** Where the name from `from` ends: at a dot, at the bracket of an index, or with the key. */
function nameEnd(key: string, from: number): number {
  let bracket = -1
  for (let i = from; i < key.length; i++) {
    const character = key[i]
    if (character === '.') return i
    if (character === '[') bracket = i
    // without a bracket Spring reads all that stands before: `12]` is a name
    if (character === ']' && isInt(key.slice(bracket + 1, i))) return bracket === -1 ? key.length : bracket
  }
  return key.length
}

/** A negative number is an index as well, though one that `readIndex` refuses: `a[-1]` is an error, not a name. */
function isInt(text: string): boolean {
  return /^[-+]?\d+$/.test(text) && Number(text) < MAX_INT && Number(text) >= -MAX_INT
}

function readIndex(key: string, from: number): Step {
  const digits = /\d+(?=\])/y
  digits.lastIndex = from
  const [text] = digits.exec(key) ?? []
  if (text === undefined || Number(text) >= MAX_INT) throw invalidKey(key, `expected an index at position ${from + 1}`)
  const end = from + text.length + 1
  const step = Number(text)
  if (end === key.length) return { step, next: end, expected: 'end' }
  if (key[end] === '.') return { step, next: end + 1, expected: 'name' }
  if (key[end] === '[') return { step, next: end + 1, expected: 'index' }
  throw invalidKey(key, `expected '.' or '[' at position ${end + 1}`)
}
