import type { Pair } from './compare.js'

/** A known difference: why it is right, and where docs/reference/compatibility.md says so. */
interface Explanation {
  readonly reason: string
  readonly anchor: string
  readonly applies: (pair: Pair) => boolean
}

const isJson = (body: Buffer): boolean => {
  try {
    JSON.parse(body.toString('utf8'))
    return true
  } catch {
    return false
  }
}

const explanations: readonly Explanation[] = [
  {
    reason: 'Spring puts placeholder values into the finished JSON text, which breaks it; Carillon answers JSON always',
    anchor: 'placeholders-in-json',
    applies: ({ request, spring, carillon }) =>
      /\.json(\?|$)/.test(request.path) &&
      spring.status === 200 &&
      spring.type === 'application/json' &&
      !isJson(spring.body) &&
      carillon.status === 200 &&
      isJson(carillon.body),
  },
  {
    reason: 'Spring writes a binary value as the address of its Java array into .properties; Carillon writes base64',
    anchor: 'binary-in-properties',
    applies: ({ request, spring, carillon }) =>
      /\.properties(\?|$)/.test(request.path) && carillon.status === spring.status && matchesButForAddresses(spring.body, carillon.body),
  },
  {
    reason: 'Spring reads Java XML properties in the order of a hash table; Carillon keeps the order of the file',
    anchor: 'order-of-xml-properties',
    applies: ({ spring, carillon, xml }) =>
      xml &&
      spring.status === 200 &&
      spring.type === 'text/plain' &&
      spring.type === carillon.type &&
      linesOf(spring.body) === linesOf(carillon.body),
  },
]

// The lines in one order, without the marks of nesting, which move with them.
const linesOf = (body: Buffer): string =>
  body
    .toString('utf8')
    .split('\n')
    .map((line) => line.replace(/^[ -]*/, ''))
    .sort()
    .join('\n')

const javaArray = /\[B@[0-9a-f]+/

const matchesButForAddresses = (spring: Buffer, carillon: Buffer): boolean => {
  const [text, got] = [spring.toString('utf8'), carillon.toString('utf8')]
  if (!javaArray.test(text)) return false
  const escaped = text.split(javaArray).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[^\\n]*')}$`).test(got)
}

/** The reason for a known difference with its place in the documentation; `undefined` for one that nobody has explained. */
export const findReason = (pair: Pair): string | undefined => {
  const found = explanations.find(({ applies }) => applies(pair))
  return found && `${found.reason} (docs/reference/compatibility.md#${found.anchor})`
}
