import { tooLarge } from '../document.js'
import {
  anyBut,
  atDocumentMarker,
  END,
  GAPS,
  IN_BRACKETS,
  isGap,
  malformed,
  peek,
  placeOf,
  REST_OF_LINE,
  SPACES,
  take,
  takeBreak,
  takeMatch,
} from './reader.js'
import { scanBlock } from './scan-block.js'
import { addIndicator, addText, dropKey, dropStaleKeys, insertKey, type State, saveKey, startBlock, unwindIndents } from './scan-state.js'
import { scanPlain, scanQuoted } from './scan-text.js'

/** Reads one token, and the block structure before it, to the end of the queue. Throws `unreadable-file` and `too-large`. */
export function fetchToken(state: State): void {
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
  const got = character === '\t' ? 'a tab, which does not count as indentation' : `'${character}', which only quotes make part of a text`
  throw malformed(state, `expected a key or a value, got ${got}`, placeOf(state))
}

function skipToToken(state: State): void {
  for (;;) {
    takeMatch(state, SPACES)
    if (peek(state) === '#') takeMatch(state, REST_OF_LINE)
    if (takeBreak(state) === '') return
    if (state.flowDepth === 0) state.keyAllowed = true
  }
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
  state.keys.length = 0
  state.done = true
}

function fetchDirective(state: State): void {
  const start = placeOf(state)
  addText(state, { kind: 'directive', text: takeMatch(state, REST_OF_LINE), start })
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
  startBlock(state, { kind: 'sequence-start', what: 'a list entry (-) on a line of its own, or quotes around a text that begins with it' })
  state.keyAllowed = true
  dropKey(state, state.flowDepth)
  addIndicator(state, '-', 1)
  return true
}

function fetchQuestion(state: State): boolean {
  if (!isGap(peek(state, 1))) return false
  startBlock(state, { kind: 'mapping-start', what: 'a key on a line of its own, or quotes around a text that begins with ?' })
  state.keyAllowed = state.flowDepth === 0
  dropKey(state, state.flowDepth)
  addIndicator(state, '?', 1)
  return true
}

function fetchColon(state: State): boolean {
  if (state.flowDepth === 0 && !isGap(peek(state, 1))) return false
  const key = state.keys[state.flowDepth]
  if (key === undefined) startValueWithoutKey(state)
  else insertKey(state, key)
  addIndicator(state, ':', 1)
  return true
}

function startValueWithoutKey(state: State): void {
  startBlock(state, {
    kind: 'mapping-start',
    what: "a key and its value on a line of their own, or quotes around a text with a ':' and a space in it",
  })
  state.keyAllowed = state.flowDepth === 0
}

function fetchName(state: State, kind: 'alias' | 'anchor'): boolean {
  saveKey(state)
  state.keyAllowed = false
  const start = placeOf(state)
  const character = take(state, 1)
  const text = takeMatch(state, NAME)
  if (text === '') throw malformed(state, `expected a name behind ${character}, or quotes around a text that begins with it`, start)
  addText(state, { kind, text, start })
  return true
}

const NAME = anyBut(`${GAPS}:${IN_BRACKETS}`)

function fetchTag(state: State): boolean {
  saveKey(state)
  state.keyAllowed = false
  const start = placeOf(state)
  const isVerbatim = peek(state, 1) === '<'
  addText(state, { kind: 'tag', text: takeMatch(state, isVerbatim || state.flowDepth === 0 ? WORD : FLOW_WORD), start })
  return true
}

const WORD = anyBut(GAPS)
const FLOW_WORD = anyBut(GAPS + IN_BRACKETS)

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
