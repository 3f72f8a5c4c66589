import { type Budget, type Place, tooLarge } from '../document.js'
import {
  anchored,
  type Composer,
  composeAlias,
  emptyNode,
  expectToken,
  type Properties,
  placed,
  scalarNode,
  sees,
  seesAny,
  takeProperties,
  unfit,
} from './composer.js'
import { duplicateGuard, mergedEntries } from './merge.js'
import type { Entry, MappingNode, Node, SequenceNode } from './nodes.js'
import { malformed, type Reader } from './reader.js'
import { startScanner } from './scanner.js'
import { tagHandles, tagName } from './tags.js'
import { type TextToken, type TokenKind, wordsOf } from './tokens.js'

/** The root node of each document. Throws `unreadable-file` where the text is not YAML as SnakeYAML reads it, and `too-large`. */
export function composeDocuments(text: Pick<Reader, 'context' | 'text'>, budget: Pick<Budget, 'step'>): readonly Node[] {
  const composer: Composer = {
    context: text.context,
    scanner: startScanner(text),
    budget,
    depth: 0,
    anchors: new Map(),
    handles: new Map(),
  }
  const roots: Node[] = []
  for (;;) {
    while (sees(composer, 'document-end')) composer.scanner.next()
    if (sees(composer, 'stream-end')) return roots
    startDocument(composer, { isFirst: roots.length === 0 })
    roots.push(seesAny(composer, DOCUMENT_ENDS) ? emptyNode(composer, composer.scanner.peek().start) : composeValue(composer, 'block'))
  }
}

const DOCUMENT_ENDS: readonly TokenKind[] = ['directive', 'document-start', 'document-end', 'stream-end']

/** Only the first document may go without `---`. */
function startDocument(composer: Composer, { isFirst }: { readonly isFirst: boolean }): void {
  const directives: TextToken[] = []
  for (let token = composer.scanner.peek(); token.kind === 'directive'; token = composer.scanner.peek()) {
    directives.push(token)
    composer.scanner.next()
  }
  // SnakeYAML keeps the handles of the document before.
  if (isFirst || directives.length > 0) composer.handles = tagHandles(composer, directives)
  composer.anchors = new Map()
  if (!isFirst || directives.length > 0 || sees(composer, 'document-start')) expectToken(composer, 'document-start', 'a new document (---)')
}

/** In `block` a list may stand as deep as the key that it belongs to (`indentless`); in `flow`, nothing that is told by indentation may. */
type Context = 'block' | 'indentless' | 'flow'

/** `<<` means something as a key only. */
function composeValue(composer: Composer, context: Context): Node {
  const node = composeNode(composer, context)
  if (node.kind !== 'scalar' || !node.merge) return node
  throw malformed(composer, 'expected << as a key only, or in quotes', node.place)
}

function composeNode(composer: Composer, context: Context): Node {
  composer.budget.step()
  const properties = takeProperties(composer)
  const token = composer.scanner.peek()
  switch (token.kind) {
    case 'alias':
      return composeAlias(composer, properties)
    case 'plain':
    case 'quoted':
      composer.scanner.next()
      return scalarNode(composer, properties, token)
    case '[':
    case '{':
      return composeCollection(composer, properties, token.kind)
    case 'sequence-start':
    case 'mapping-start':
      if (context !== 'flow') return composeCollection(composer, properties, token.kind)
      break
    case '-':
      if (context === 'indentless') return composeCollection(composer, properties, token.kind)
      break
    default:
  }
  if (properties.anchor !== undefined || properties.tag !== undefined) return scalarNode(composer, properties, undefined)
  throw malformed(composer, `expected a value, got ${wordsOf(token)}`, token.start)
}

function composeCollection(
  composer: Composer,
  properties: Properties,
  opening: '[' | '{' | '-' | 'sequence-start' | 'mapping-start',
): Node {
  const { file, limits } = composer.context
  composer.depth += 1
  if (composer.depth > limits.depth) throw tooLarge(`${file} nests deeper than ${limits.depth} collections`, { file, ...properties.start })
  if (opening !== '-') composer.scanner.next()
  const isMapping = opening === '{' || opening === 'mapping-start'
  const node = isMapping ? composeMapping(composer, properties, opening) : composeSequence(composer, properties, opening)
  composer.depth -= 1
  return node
}

function composeSequence(composer: Composer, properties: Properties, opening: '[' | '-' | 'sequence-start'): SequenceNode {
  const tag = tagName(composer.handles, properties.tag) ?? 'seq'
  if (tag !== 'seq' && tag !== 'omap' && tag !== 'pairs') throw unfit(composer, properties, 'no tag, !!seq, !!omap or !!pairs on a list')
  const base: SequenceNode = { kind: 'sequence', tag, items: [], ...placed(composer, properties.start), open: true }
  const node = anchored(composer, properties, base)
  for (const item of opening === '[' ? flowItems(composer, node.place) : blockItems(composer, opening)) {
    node.aliases = Math.max(node.aliases, item.aliases)
    node.items.push(item)
    if (tag !== 'seq' && !(item.kind === 'mapping' && item.entries.length === 1))
      throw malformed(composer, `expected one pair in each item of !!${tag}`, item.place)
  }
  node.open = false
  return node
}

function* blockItems(composer: Composer, opening: '-' | 'sequence-start'): Iterable<Node> {
  const { column } = composer.scanner.peek().start
  const ends: readonly TokenKind[] = opening === '-' ? ['-', '?', ':', 'block-end'] : ['-', 'block-end']
  while (sees(composer, '-')) {
    const { end } = composer.scanner.next()
    yield seesAny(composer, ends) ? emptyNode(composer, end) : composeValue(composer, 'block')
  }
  if (opening !== '-') expectToken(composer, 'block-end', `another list entry (-) in column ${column}`)
}

function* flowItems(composer: Composer, { line }: Place): Iterable<Node> {
  for (let isFirst = true; !sees(composer, ']'); isFirst = false) {
    if (!isFirst) expectToken(composer, ',', `',' or ']' for the '[' of line ${line}`)
    refuseEnd(composer, `a value or ']' for the '[' of line ${line}`)
    if (sees(composer, '?')) yield composePair(composer)
    else if (!sees(composer, ']')) yield composeValue(composer, 'flow')
  }
  composer.scanner.next()
}

/** The end comes far behind the bracket that somebody forgot: where that stands is what helps. */
function refuseEnd(composer: Composer, expected: string): void {
  const token = composer.scanner.peek()
  if (DOCUMENT_ENDS.includes(token.kind)) throw malformed(composer, `expected ${expected}, got ${wordsOf(token)}`, token.start)
}

/** `[a: 1]` holds a map of one entry. */
function composePair(composer: Composer): MappingNode {
  const entry = composeEntry(composer, 'flow')
  const aliases = Math.max(entry.key.aliases, entry.value.aliases)
  return { kind: 'mapping', tag: 'map', ...placed(composer, entry.key.place), entries: mergedEntries(composer, [entry]), aliases }
}

function composeMapping(composer: Composer, properties: Properties, opening: '{' | 'mapping-start'): MappingNode {
  const tag = tagName(composer.handles, properties.tag) ?? 'map'
  if (tag !== 'map' && tag !== 'set') throw unfit(composer, properties, 'no tag, !!map or !!set on a map')
  const base: MappingNode = { kind: 'mapping', tag, entries: [], ...placed(composer, properties.start), open: true }
  const node = anchored(composer, properties, base)
  const entries: Entry[] = []
  const refuseDuplicate = duplicateGuard(composer)
  for (const entry of opening === '{' ? flowEntries(composer, node.place) : blockEntries(composer)) {
    refuseDuplicate(entry)
    node.aliases = Math.max(node.aliases, entry.key.aliases, entry.value.aliases)
    entries.push(entry)
  }
  node.entries = mergedEntries(composer, entries)
  node.open = false
  return node
}

function* blockEntries(composer: Composer): Iterable<Entry> {
  const { column } = composer.scanner.peek().start
  while (sees(composer, '?')) yield composeEntry(composer, 'indentless')
  expectToken(composer, 'block-end', `another key in column ${column}`)
}

function* flowEntries(composer: Composer, { line }: Place): Iterable<Entry> {
  for (let isFirst = true; !sees(composer, '}'); isFirst = false) {
    if (!isFirst) expectToken(composer, ',', `',' or '}' for the '{' of line ${line}`)
    refuseEnd(composer, `a key or '}' for the '{' of line ${line}`)
    if (sees(composer, '?')) yield composeEntry(composer, 'flow')
    else if (!sees(composer, '}')) {
      const key = composeNode(composer, 'flow')
      yield { key, value: emptyNode(composer, composer.scanner.peek().start) }
    }
  }
  composer.scanner.next()
}

/** A key or value without text stands right behind its indicator; a value without a `:` where the next token stands. */
function composeEntry(composer: Composer, context: 'indentless' | 'flow'): Entry {
  const ends = context === 'flow' ? FLOW_ENDS : BLOCK_ENDS
  const { end } = composer.scanner.next()
  const key = seesAny(composer, ends) ? emptyNode(composer, end) : composeNode(composer, context)
  if (!sees(composer, ':')) return { key, value: emptyNode(composer, composer.scanner.peek().start) }
  const colon = composer.scanner.next()
  const isEmpty = seesAny(composer, ends)
  return { key, value: isEmpty ? emptyNode(composer, colon.end) : composeValue(composer, context) }
}

const FLOW_ENDS: readonly TokenKind[] = [':', ',', ']', '}']
const BLOCK_ENDS: readonly TokenKind[] = [':', '?', 'block-end']
