import type { Place } from '../document.js'

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

interface Stretch {
  readonly start: Place
  readonly end: Place
}

export interface Indicator extends Stretch {
  readonly kind: IndicatorKind
}

/** `plain` or not decides whether a scalar's text may be a number. A tag is raw, as written. */
export interface TextToken extends Stretch {
  readonly kind: 'directive' | 'anchor' | 'alias' | 'tag' | 'plain' | 'quoted'
  readonly text: string
}

export type TokenKind = Token['kind']
