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
]

/** The reason for a known difference with its place in the documentation; `undefined` for one that nobody has explained. */
export const findReason = (pair: Pair): string | undefined => {
  const found = explanations.find(({ applies }) => applies(pair))
  return found && `${found.reason} (docs/reference/compatibility.md#${found.anchor})`
}
