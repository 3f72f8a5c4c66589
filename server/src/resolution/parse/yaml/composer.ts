import { type Budget, type Place, tooLarge } from '../document.js'
import type { Node, ScalarNode } from './nodes.js'
import { malformed, type Reader } from './reader.js'
import { resolvePlain, resolveTagged } from './scalars.js'
import type { Scanner } from './scanner.js'
import { tagName } from './tags.js'
import { type TextToken, type Token, type TokenKind, wordsOf } from './tokens.js'

/** What is known in the middle of a document. */
export interface Composer {
  readonly context: Reader['context']
  readonly scanner: Scanner
  readonly budget: Pick<Budget, 'step'>
  depth: number
  anchors: Map<string, Node>
  handles: ReadonlyMap<string, string>
}

/** Whether the next token is of this kind. */
export function sees(composer: Composer, kind: TokenKind): boolean {
  return composer.scanner.peek().kind === kind
}

/** Whether the next token is of one of these kinds. */
export function seesAny(composer: Composer, kinds: readonly TokenKind[]): boolean {
  return kinds.includes(composer.scanner.peek().kind)
}

/** Takes the next token; throws `unreadable-file` where it is of another kind. */
export function expectToken(composer: Composer, kind: TokenKind, expected: string): Token {
  const token = composer.scanner.next()
  if (token.kind !== kind) throw malformed(composer, `expected ${expected}, got ${gotWords(composer, token)}`, token.start)
  return token
}

/** A map that begins with a ':' would have an empty key; where none is allowed, the text before the ':' was meant to be one. */
function gotWords(composer: Composer, token: Token): string {
  const isTextWithColon = token.kind === 'mapping-start' && sees(composer, ':')
  return isTextWithColon ? "a ':' behind text that began on a line before" : wordsOf(token)
}

/** Where a node begins, with what stands before its content. */
export interface Properties {
  readonly anchor: TextToken | undefined
  readonly tag: TextToken | undefined
  readonly start: Place
}

/** Takes the anchor and the tag before a node, in either order. */
export function takeProperties(composer: Composer): Properties {
  const { kind, start } = composer.scanner.peek()
  if (kind !== 'anchor' && kind !== 'tag') return { anchor: undefined, tag: undefined, start }
  const found = new Map<TokenKind, TextToken>()
  for (let token = composer.scanner.peek(); token.kind === 'anchor' || token.kind === 'tag'; token = composer.scanner.peek()) {
    if (found.has(token.kind)) throw malformed(composer, `expected one ${token.kind} on a value, got two`, token.start)
    found.set(token.kind, token)
    composer.scanner.next()
  }
  return { anchor: found.get('anchor'), tag: found.get('tag'), start }
}

/** What an alias names, once more. Throws `unreadable-file` for one that names nothing or what is around it. */
export function composeAlias(composer: Composer, properties: Properties): Node {
  const { text: name, start } = composer.scanner.next() as TextToken
  const node = composer.anchors.get(name)
  const { file, limits } = composer.context
  if (properties.anchor !== undefined || properties.tag !== undefined)
    throw malformed(composer, 'expected an alias without anchor and tag', start)
  if (node === undefined)
    throw malformed(composer, 'expected an anchor (&) of this name before its alias (*), or quotes around a text that begins with *', start)
  if (node.open) throw malformed(composer, `expected the alias *${name} to stand outside of what it names`, start)
  if (node.aliases >= limits.aliases)
    throw tooLarge(`${file} has more than ${limits.aliases} aliases inside of one another`, { file, ...start })
  return { ...node, aliases: node.aliases + 1 }
}

/** What every node has. */
export function placed(composer: Composer, place: Place) {
  const { line, column } = place
  return { place, origin: { kind: 'file', file: composer.context.file, line, column } as const, aliases: 0, open: false }
}

/** Keeps a node for aliases, where it has an anchor. */
export function anchored<N extends Node>(composer: Composer, { anchor }: Properties, node: N): N {
  if (anchor !== undefined) composer.anchors.set(anchor.text, node)
  return node
}

/** A node without text. */
export function emptyNode(composer: Composer, place: Place): ScalarNode {
  return { kind: 'scalar', value: null, merge: false, written: undefined, ...placed(composer, place) }
}

/** The node of a scalar; without a token, of an anchor or tag that nothing follows. */
export function scalarNode(composer: Composer, properties: Properties, token: TextToken | undefined): ScalarNode {
  const text = token?.text ?? ''
  const name = tagName(composer.handles, properties.tag)
  // A lone `!` means "no tag" in YAML 1.1, and SnakeYAML then looks at quoted text as at plain text.
  const isPlain = token?.kind !== 'quoted' || properties.tag !== undefined
  const resolved = name !== undefined ? resolveTagged(name, text) : isPlain ? resolvePlain(text) : { value: text, merge: false }
  if (resolved === undefined)
    throw unfit(composer, properties, 'no tag or one of YAML’s own on a value, or quotes around a text that begins with !')
  if (resolved === 'invalid') {
    const expected =
      name === undefined ? 'the digits of a number, or quotes around a text that looks like one' : `a value that its tag !!${name} allows`
    throw malformed(composer, `expected ${expected}`, properties.start)
  }
  const { value, merge } = resolved
  return anchored(composer, properties, { kind: 'scalar', value, merge, written: token, ...placed(composer, properties.start) })
}

/** The error of a tag that does not go with what it stands on. It is not named: what looks like a tag may be a password without quotes. */
export function unfit(composer: Composer, { start }: Properties, expected: string): Error {
  return malformed(composer, `expected ${expected}, got another tag`, start)
}
