import { type Place, tooLarge } from '../document.js'
import { atDocumentMarker, END, isBreak, isGap, malformed, peek, placeOf, type Reader, take, takeBreak, takeWhile } from './reader.js'
import { scanBlock } from './scan-block.js'
import { scanPlain, scanQuoted } from './scan-text.js'
import type { IndicatorKind, TextToken, Token } from './tokens.js'

/** Gives the tokens of a text one by one, with the block structure that indentation means. Throws `unreadable-file` and `too-large`. */
export interface Scanner {
  peek(): Token
  next(): Token
}

/** A token that may turn out to be a key when a `:` follows on its line. */
interface PossibleKey {
  readonly token: number
  readonly position: number
  readonly line: number
  readonly column: number
  /** Nothing else can stand here: without a `:` the text is wrong. */
  readonly required: boolean
}

interface State extends Reader {
  readonly tokens: Token[]
  taken: number
  done: boolean
  flowDepth: number
  indent: number
  readonly indents: number[]
  /** A key may begin here: at the beginning of a line, or behind an indicator. */
  keyAllowed: boolean
  /** One for each depth of brackets. */
  readonly keys: Map<number, PossibleKey>
}

export function startScanner({ context, text }: Pick<Reader, 'context' | 'text'>): Scanner {
  const state: State = {
    ...{ context, text, position: 0, line: 0, column: 0 },
    ...{ tokens: [], taken: 0, done: false, flowDepth: 0, indent: -1, indents: [], keyAllowed: true, keys: new Map() },
  }
  const first = (): Token => {
    while (needsMore(state)) fetchToken(state)
    const token = state.tokens[0]
    if (token === undefined) throw malformed(state, 'expected more YAML, got the end of the file', placeOf(state))
    return token
  }
  return {
    peek: first,
    next() {
      const token = first()
      state.tokens.shift()
      state.taken += 1
      return token
    },
  }
}

/** The next token is not known while it may still become a key. */
function needsMore(state: State): boolean {
  if (state.done) return false
  if (state.tokens.length === 0) return true
  dropStaleKeys(state)
  for (const key of state.keys.values()) if (key.token === state.taken) return true
  return false
}

/** SnakeYAML's limit for keys without `?`. */
const LONGEST_KEY = 1024

function dropStaleKeys(state: State): void {
  for (const [depth, key] of state.keys) if (key.line !== state.line || state.position - key.position > LONGEST_KEY) dropKey(state, depth)
}

function dropKey(state: State, depth: number): void {
  const key = state.keys.get(depth)
  if (key?.required) throw malformed(state, "expected ':' behind a key", { line: key.line + 1, column: key.column + 1 })
  state.keys.delete(depth)
}

function saveKey(state: State): void {
  if (!state.keyAllowed) return
  dropKey(state, state.flowDepth)
  const { position, line, column } = state
  const required = state.flowDepth === 0 && state.indent === column
  state.keys.set(state.flowDepth, { token: state.taken + state.tokens.length, position, line, column, required })
}

function fetchToken(state: State): void {
  skipToToken(state)
  dropStaleKeys(state)
  unwindIndents(state, state.column)
  const character = peek(state)
  if (fetchAtLineStart(state, character)) return
  const fetch = fetchers.get(character)
  if (fetch?.(state) === true) return
  if (startsPlain(state, character)) {
    fetchPlain(state)
    return
  }
  const got = character === '\t' ? 'a tab, which does not count as indentation' : `'${character}'`
  throw malformed(state, `expected the beginning of a value, got ${got}`, placeOf(state))
}

function skipToToken(state: State): void {
  for (;;) {
    takeWhile(state, (character) => character === ' ')
    if (peek(state) === '#') takeWhile(state, (character) => !isBreak(character))
    if (takeBreak(state) === '') return
    if (state.flowDepth === 0) state.keyAllowed = true
  }
}

function unwindIndents(state: State, column: number): void {
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

function addIndicator(state: State, kind: IndicatorKind, length: number): void {
  const start = placeOf(state)
  take(state, length)
  state.tokens.push({ kind, start, end: placeOf(state) })
}

function addText(
  state: State,
  token: { readonly kind: TextToken['kind']; readonly text: string; readonly start: Place; readonly end?: Place },
): void {
  state.tokens.push({ end: placeOf(state), ...token })
}

/** What only counts in the first column, and the end of the file. */
function fetchAtLineStart(state: State, character: string): boolean {
  if (character === END) fetchBoundary(state, () => fetchEnd(state))
  else if (state.column !== 0) return false
  else if (character === '%') fetchBoundary(state, () => fetchDirective(state))
  else if (atDocumentMarker(state, '---')) fetchBoundary(state, () => addIndicator(state, 'document-start', 3))
  else if (atDocumentMarker(state, '...')) fetchBoundary(state, () => addIndicator(state, 'document-end', 3))
  else return false
  return true
}

function fetchBoundary(state: State, add: () => void): void {
  unwindIndents(state, -1)
  dropKey(state, state.flowDepth)
  state.keyAllowed = false
  add()
}

function fetchEnd(state: State): void {
  addIndicator(state, 'stream-end', 0)
  state.keys.clear()
  state.done = true
}

function fetchDirective(state: State): void {
  const start = placeOf(state)
  addText(state, { kind: 'directive', text: takeWhile(state, (character) => !isBreak(character)), start })
}

/** By first character; `false` where the character means nothing here. */
const fetchers: ReadonlyMap<string, (state: State) => boolean> = new Map<string, (state: State) => boolean>([
  ['[', (state) => openFlow(state, '[')],
  ['{', (state) => openFlow(state, '{')],
  [']', (state) => closeFlow(state, ']')],
  ['}', (state) => closeFlow(state, '}')],
  [',', fetchComma],
  ['-', fetchDash],
  ['?', fetchQuestion],
  [':', fetchColon],
  ['*', (state) => fetchName(state, 'alias')],
  ['&', (state) => fetchName(state, 'anchor')],
  ['!', fetchTag],
  ['|', fetchBlock],
  ['>', fetchBlock],
  ["'", (state) => fetchQuoted(state, "'")],
  ['"', (state) => fetchQuoted(state, '"')],
])

function openFlow(state: State, kind: '[' | '{'): boolean {
  const { file, limits } = state.context
  saveKey(state)
  state.flowDepth += 1
  if (state.flowDepth > limits.depth) throw tooLarge(`${file} nests deeper than ${limits.depth} collections`, { file, ...placeOf(state) })
  state.keyAllowed = true
  addIndicator(state, kind, 1)
  return true
}

function closeFlow(state: State, kind: ']' | '}'): boolean {
  dropKey(state, state.flowDepth)
  state.flowDepth = Math.max(0, state.flowDepth - 1)
  state.keyAllowed = false
  addIndicator(state, kind, 1)
  return true
}

function fetchComma(state: State): boolean {
  state.keyAllowed = true
  dropKey(state, state.flowDepth)
  addIndicator(state, ',', 1)
  return true
}

function fetchDash(state: State): boolean {
  if (!isGap(peek(state, 1))) return false
  startBlock(state, { kind: 'sequence-start', what: 'a list entry' })
  state.keyAllowed = true
  dropKey(state, state.flowDepth)
  addIndicator(state, '-', 1)
  return true
}

function fetchQuestion(state: State): boolean {
  if (!isGap(peek(state, 1))) return false
  startBlock(state, { kind: 'mapping-start', what: 'a key' })
  state.keyAllowed = state.flowDepth === 0
  dropKey(state, state.flowDepth)
  addIndicator(state, '?', 1)
  return true
}

/** The first entry of a block collection stands further right than what is around it. */
function startBlock(state: State, block: { readonly kind: 'sequence-start' | 'mapping-start'; readonly what: string }): void {
  if (state.flowDepth > 0) return
  if (!state.keyAllowed) throw malformed(state, `expected ${block.what} to begin on a line of its own`, placeOf(state))
  if (addIndent(state, state.column)) addIndicator(state, block.kind, 0)
}

function fetchColon(state: State): boolean {
  if (state.flowDepth === 0 && !isGap(peek(state, 1))) return false
  const key = state.keys.get(state.flowDepth)
  if (key === undefined) startValueWithoutKey(state)
  else insertKey(state, key)
  addIndicator(state, ':', 1)
  return true
}

function startValueWithoutKey(state: State): void {
  startBlock(state, { kind: 'mapping-start', what: 'a key and its value' })
  state.keyAllowed = state.flowDepth === 0
}

/** What was read since the key began was the key. */
function insertKey(state: State, key: PossibleKey): void {
  const place = { line: key.line + 1, column: key.column + 1 }
  const index = key.token - state.taken
  state.keys.delete(state.flowDepth)
  state.tokens.splice(index, 0, { kind: '?', start: place, end: place })
  if (state.flowDepth === 0 && addIndent(state, key.column))
    state.tokens.splice(index, 0, { kind: 'mapping-start', start: place, end: place })
  state.keyAllowed = false
}

function fetchName(state: State, kind: 'alias' | 'anchor'): boolean {
  saveKey(state)
  state.keyAllowed = false
  const start = placeOf(state)
  take(state, 1)
  const text = takeWhile(state, (character) => !isGap(character) && !',[]{}'.includes(character))
  if (text === '') throw malformed(state, `expected a name behind ${kind === 'alias' ? '*' : '&'}`, start)
  addText(state, { kind, text, start })
  return true
}

function fetchTag(state: State): boolean {
  saveKey(state)
  state.keyAllowed = false
  const start = placeOf(state)
  const verbatim = peek(state, 1) === '<'
  const stops = verbatim || state.flowDepth === 0 ? '' : ',[]{}'
  addText(state, { kind: 'tag', text: takeWhile(state, (character) => !isGap(character) && !stops.includes(character)), start })
  return true
}

function fetchBlock(state: State): boolean {
  if (state.flowDepth > 0) return false
  state.keyAllowed = true
  dropKey(state, state.flowDepth)
  const start = placeOf(state)
  addText(state, { kind: 'quoted', text: scanBlock(state, state.indent), start })
  return true
}

function fetchQuoted(state: State, quote: '"' | "'"): boolean {
  saveKey(state)
  state.keyAllowed = false
  const start = placeOf(state)
  addText(state, { kind: 'quoted', text: scanQuoted(state, quote), start })
  return true
}

function startsPlain(state: State, character: string): boolean {
  if (!INDICATORS.includes(character)) return !isGap(character)
  const mayBegin = character === '-' || (state.flowDepth === 0 && (character === '?' || character === ':'))
  return mayBegin && !isGap(peek(state, 1))
}

const INDICATORS = '-?:,[]{}#&*!|>\'"%@`'

function fetchPlain(state: State): void {
  saveKey(state)
  const start = placeOf(state)
  const { text, end, multiline } = scanPlain(state, { indent: state.indent, inFlow: state.flowDepth > 0 })
  state.keyAllowed = multiline
  addText(state, { kind: 'plain', text, start, end })
}
