/** What one answer showed. */
export interface Shown {
  readonly target: string
  readonly status: number
  readonly text: string
  /** The commits that the answer names, where it names any. */
  readonly commits: readonly string[]
}

/** What an answer has to say of one repository. */
export interface Expected {
  readonly word: string
  readonly numberOf: (commit: string) => number | undefined
}

export type Verdict =
  | { readonly kind: 'whole'; readonly numbers: ReadonlyMap<string, number> }
  | { readonly kind: 'mixed' | 'wrong'; readonly why: string }

/** Every answer holds the number of each repository this often at least. */
const LEAST = 3

/** Whether an answer holds one number only of each repository, often enough, and the number of the commit that it names. */
export function judge({ target, status, text, commits }: Shown, expected: readonly Expected[]): Verdict {
  if (status !== 200) return { kind: 'wrong', why: `${target} answered ${status}: ${text.slice(0, 200)}` }
  const numbers = new Map<string, number>()
  for (const { word } of expected) {
    const found = [...text.matchAll(new RegExp(`\\b${word}(\\d+)\\b`, 'g'))].map(([, digits]) => Number(digits))
    const [first, ...others] = new Set(found)
    if (others.length > 0) return { kind: 'mixed', why: `${target} holds ${word}${first} and ${word}${others}` }
    if (first === undefined || found.length < LEAST) return { kind: 'wrong', why: `${target} holds no ${word} ${LEAST} times: ${text}` }
    numbers.set(word, first)
  }
  for (const commit of commits) {
    const named = expected.find(({ numberOf }) => numberOf(commit) !== undefined)
    if (named === undefined) return { kind: 'wrong', why: `${target} names the commit ${commit}, which was never published` }
    const { word, numberOf } = named
    if (numbers.has(word) && numberOf(commit) !== numbers.get(word))
      return { kind: 'mixed', why: `${target} names ${commit}, ${word}${numberOf(commit)}, and holds ${word}${numbers.get(word)}` }
  }
  return { kind: 'whole', numbers }
}
