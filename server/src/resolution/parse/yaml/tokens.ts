import type { Stretch } from '../document.js'

/** Indicators, block structure made explicit, and scalars. */
export type Token = Indicator | TextToken

export type IndicatorKind =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'sequence-start'
  | 'mapping-start'
  | 'block-end'
  | '['
  | '{'
  | ']'
  | '}'
  | ','
  | '-'
  | '?'
  | ':'

export interface Indicator extends Stretch {
  readonly kind: IndicatorKind
}

/** `plain` or not decides whether a scalar's text may be a number. A tag is raw, as written. */
export interface TextToken extends Stretch {
  readonly kind: 'directive' | 'anchor' | 'alias' | 'tag' | 'plain' | 'quoted'
  readonly text: string
}

export type TokenKind = Token['kind']

/** What a token is to somebody who wrote the file and never saw a token. */
export function wordsOf({ kind, start }: Token): string {
  const words = WORDS[kind]
  return kind in COLUMN_COUNTS ? `${words} in column ${start.column}` : words
}

/** Where these stand decides what they belong to. */
const COLUMN_COUNTS = { 'sequence-start': true, 'mapping-start': true, '-': true, '?': true }

const WORDS: Readonly<Record<TokenKind, string>> = {
  'stream-end': 'the end of the file',
  'document-start': 'a new document (---)',
  'document-end': 'the end of the document (...)',
  'sequence-start': 'a list entry (-)',
  'mapping-start': 'a key',
  'block-end': 'the end of what is indented',
  '[': "'['",
  '{': "'{'",
  ']': "']'",
  '}': "'}'",
  ',': "','",
  '-': 'a list entry (-)',
  '?': 'a key',
  ':': "':'",
  directive: 'a directive (%)',
  anchor: 'an anchor (&)',
  alias: 'an alias (*)',
  tag: 'a tag (!)',
  plain: 'more text',
  quoted: 'more text, in quotes or behind | or >',
}
