import type { Place } from '../document.js'
import { malformed, placeOf, type Reader, take } from './reader.js'
import type { IndicatorKind, TextToken, Token } from './tokens.js'

/** A token that may turn out to be a key when a `:` follows on its line. */
export interface PossibleKey {
  readonly token: number
  readonly position: number
  readonly line: number
  readonly column: number
  /** Nothing else can stand here: without a `:` the text is wrong. */
  readonly required: boolean
}

/** A text that is being scanned: the tokens that were read ahead, open collections, and what may become a key. */
export interface State extends Reader {
  readonly tokens: Token[]
  taken: number
  done: boolean
  flowDepth: number
  indent: number
  readonly indents: number[]
  /** A key may begin here: at the beginning of a line, or behind an indicator. */
  keyAllowed: boolean
  /** At most one for each depth of brackets. */
  readonly keys: (PossibleKey | undefined)[]
}

/** SnakeYAML's limit for keys without `?`. */
const LONGEST_KEY = 1024

/** What is too long ago, or on another line, is no key any more. */
export function dropStaleKeys(state: State): void {
  for (let depth = 0; depth < state.keys.length; depth += 1) {
    const key = state.keys[depth]
    if (key !== undefined && (key.line !== state.line || state.position - key.position > LONGEST_KEY)) dropKey(state, depth)
  }
}

export function dropKey(state: State, depth: number): void {
  const key = state.keys[depth]
  if (key?.required) throw malformed(state, "expected a ':' and a space behind a key", { line: key.line + 1, column: key.column + 1 })
  if (key !== undefined) state.keys[depth] = undefined
}

/** The next token may be a key. */
export function saveKey(state: State): void {
  if (!state.keyAllowed) return
  dropKey(state, state.flowDepth)
  const { position, line, column } = state
  const required = state.flowDepth === 0 && state.indent === column
  state.keys[state.flowDepth] = { token: state.taken + state.tokens.length, position, line, column, required }
}

/** Closes the block collections that stand further right. */
export function unwindIndents(state: State, column: number): void {
  if (state.flowDepth > 0) return
  while (state.indent > column) {
    state.indent = state.indents.pop() ?? -1
    addIndicator(state, 'block-end', 0)
  }
}

function addIndent(state: State, column: number): boolean {
  if (state.indent >= column) return false
  state.indents.push(state.indent)
  state.indent = column
  return true
}

export function addIndicator(state: State, kind: IndicatorKind, length: number): void {
  const start = placeOf(state)
  take(state, length)
  state.tokens.push({ kind, start, end: placeOf(state) })
}

export function addText(
  state: State,
  token: { readonly kind: TextToken['kind']; readonly text: string; readonly start: Place; readonly end?: Place },
): void {
  const { kind, text, start, end = placeOf(state) } = token
  state.tokens.push({ kind, text, start, end })
}

/** The first entry of a block collection stands further right than what is around it. */
export function startBlock(state: State, block: { readonly kind: 'sequence-start' | 'mapping-start'; readonly what: string }): void {
  if (state.flowDepth > 0) return
  if (!state.keyAllowed) throw malformed(state, `expected ${block.what}`, placeOf(state))
  if (addIndent(state, state.column)) addIndicator(state, block.kind, 0)
}

/** What was read since the key began was the key. */
export function insertKey(state: State, key: PossibleKey): void {
  const place = { line: key.line + 1, column: key.column + 1 }
  const index = key.token - state.taken
  state.keys[state.flowDepth] = undefined
  state.tokens.splice(index, 0, { kind: '?', start: place, end: place })
  if (state.flowDepth === 0 && addIndent(state, key.column))
    state.tokens.splice(index, 0, { kind: 'mapping-start', start: place, end: place })
  state.keyAllowed = false
}
