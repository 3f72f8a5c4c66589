import { malformed, placeOf, type Reader } from './reader.js'
import { dropStaleKeys, type State } from './scan-state.js'
import { fetchToken } from './scan-token.js'
import type { Token } from './tokens.js'

/** Gives the tokens of a text one by one, with the block structure that indentation means. Throws `unreadable-file` and `too-large`. */
export interface Scanner {
  peek(): Token
  next(): Token
}

/** Begins at the beginning of a text without a byte order mark. */
export function startScanner({ context, text }: Pick<Reader, 'context' | 'text'>): Scanner {
  const state: State = {
    ...{ context, text, isAstral: /[\ud800-\udfff]/.test(text), position: 0, line: 0, column: 0 },
    ...{ tokens: [], taken: 0, done: false, flowDepth: 0, indent: -1, indents: [], keyAllowed: true, keys: [] },
  }
  // Once it is known, nothing changes it but that it is taken.
  let known: Token | undefined
  const peek = (): Token => {
    known ??= first(state)
    return known
  }
  return {
    peek,
    next() {
      const token = peek()
      known = undefined
      state.tokens.shift()
      state.taken += 1
      return token
    },
  }
}

function first(state: State): Token {
  while (needsMore(state)) fetchToken(state)
  const token = state.tokens[0]
  if (token === undefined) throw malformed(state, 'expected more YAML, got the end of the file', placeOf(state))
  return token
}

/** The next token is not known while it may still become a key. */
function needsMore(state: State): boolean {
  if (state.done) return false
  if (state.tokens.length === 0) return true
  dropStaleKeys(state)
  return state.keys.some((key) => key?.token === state.taken)
}
