import type { Random } from '../random.js'
import { anyText, yamlSpelling } from './scalars.js'
import { keys, type Words } from './words.js'

/** A document before it is written down: `plain` is text as YAML spells it, `text` a string that the writer has to protect. */
export type Tree =
  | { readonly kind: 'plain'; readonly spelling: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'map'; readonly entries: readonly Entry[] }

/** A key with its value; `spelling` is the key as YAML writes it, `undefined` when the writer has to find one. */
export interface Entry {
  readonly key: string
  readonly spelling?: string
  readonly value: Tree
}

/** The entries of one document for this repository's habits: two to eight keys, dotted or nested. */
export const createEntries = (random: Random, words: Words): Entry[] => {
  const { flavours } = words
  const wanted: Entry[] = random.some(keys.scalar, 2 + random.below(4)).map((key) => ({ key, value: leaf(random, words) }))
  if (random.chance(flavours.has('lists') ? 0.9 : 0.4)) wanted.push({ key: random.pick(keys.list), value: list(random, words) })
  if (flavours.has('lists') && random.chance(0.6)) wanted.push({ key: random.pick(keys.deepList), value: deepList(random, words) })
  if (random.chance(0.4)) wanted.push({ key: random.pick(keys.map), value: map(random, words) })
  if (flavours.has('empties')) wanted.push(...empties(random))
  if (flavours.has('odd-keys')) wanted.push(...oddEntries(random, words))
  if (flavours.has('clashes') && random.chance(0.2)) wanted.push(clash(random, words))
  const entries = random.shuffle(unique(wanted))
  return random.chance(0.6) ? nest(entries) : entries
}

const unique = (entries: readonly Entry[]): Entry[] => [...new Map(entries.map((entry) => [entry.key, entry])).values()]

const leaf = (random: Random, words: Words): Tree => {
  if (words.flavours.has('types') ? random.chance(0.7) : random.chance(0.2)) return { kind: 'plain', spelling: yamlSpelling(random) }
  return { kind: 'text', text: anyText(random, words) }
}

const list = (random: Random, words: Words): Tree => ({
  kind: 'list',
  items: Array.from({ length: 1 + random.below(4) }, () => leaf(random, words)),
})

const deepList = (random: Random, words: Words): Tree => ({
  kind: 'list',
  items: Array.from({ length: 1 + random.below(3) }, () =>
    random.chance(0.7) ? map(random, words) : random.chance(0.6) ? list(random, words) : leaf(random, words),
  ),
})

const map = (random: Random, words: Words): Tree => ({
  kind: 'map',
  entries: random.some(['low', 'high', 'name', 'tags', 'deep'], 1 + random.below(4)).map((key) => ({
    key,
    value:
      key === 'tags'
        ? list(random, words)
        : key === 'deep'
          ? { kind: 'map', entries: [{ key: 'x', value: leaf(random, words) }] }
          : leaf(random, words),
  })),
})

// Each key keeps its shape here too: an empty list that meets a full one is a 500 of the real server, and `clash` sees to that.
const empties = (random: Random): Entry[] => {
  const nothing: Tree[] = [
    { kind: 'list', items: [] },
    { kind: 'plain', spelling: '' },
    { kind: 'plain', spelling: '~' },
    { kind: 'text', text: '' },
    { kind: 'map', entries: [] },
  ]
  const [plain, ...others] = random.shuffle(nothing)
  const item: Tree = { kind: 'plain', spelling: 'x' }
  const all: Entry[] = [
    { key: 'nothing', value: plain as Tree },
    { key: 'empty.one', value: others[0] as Tree },
    { key: 'void', value: { kind: 'list', items: random.shuffle([...others.slice(0, 2), item]) } },
    {
      key: 'empty.two',
      value: {
        kind: 'map',
        entries: [
          { key: 'low', value: others[1] as Tree },
          { key: 'high', value: item },
        ],
      },
    },
  ]
  return random.some(all, 1 + random.below(3))
}

// What yml and json can nest stands first; the last ones are refused there with 400, so they are rare.
const oddKeys = [
  'x[y]',
  'a b',
  'k:colon',
  'k#hash',
  '-dash',
  '*star',
  'é',
  '"q"',
  "it's",
  'yes',
  '123',
  'x[a.b]',
  '[/api/**]',
  'm[1]',
  'k\tt',
  'UPPER',
  'a.b.c.d',
  '~',
  'z[y][0]',
  'a-b_c',
  '__proto__',
  'constructor',
  'a{b}',
  '%',
  '🎉',
]
const refusedKeys = ['.lead', 'a..b', 'trail.', '', 'a[0]x', 'a[-1]', 'a[', 'a]']
// A null key fails on the real server where it is not at the top: that is seldom worth a repository.
const typedKeys = ['1', 'true', 'no', '2.5', '2020-01-01', '0x10', 'on', '[k]', '010']

const oddEntries = (random: Random, words: Words): Entry[] => [
  ...random
    .some(random.chance(0.08) ? refusedKeys : oddKeys, 1 + random.below(3))
    .map((key): Entry => ({ key, value: random.chance(0.8) ? leaf(random, words) : map(random, words) })),
  ...(random.chance(0.4)
    ? [
        {
          key: 'typed',
          value: {
            kind: 'map',
            entries: random
              .some(typedKeys, 1 + random.below(3))
              .map((key): Entry => ({ key, ...(key === '[k]' ? {} : { spelling: key }), value: leaf(random, words) })),
          },
        } satisfies Entry,
      ]
    : []),
]

const clash = (random: Random, words: Words): Entry =>
  random.chance(0.25)
    ? {
        key: random.pick(keys.list),
        value: random.pick([leaf(random, words), map(random, words), { kind: 'list', items: [] } satisfies Tree]),
      }
    : random.pick<Entry>([
        { key: random.pick(keys.scalar), value: map(random, words) },
        { key: random.pick(keys.map), value: leaf(random, words) },
        { key: 'server', value: leaf(random, words) },
        { key: 'db.pool', value: leaf(random, words) },
        { key: 'db', value: leaf(random, words) },
        { key: 'limits.low', value: map(random, words) },
      ])

// `a.b: 1` and `a: {b: 1}` say the same: dotted keys become nested maps where no key stands in the way.
const nest = (entries: readonly Entry[]): Entry[] => {
  const result: Entry[] = []
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const dot = entry.key.indexOf('.')
    const head = entry.key.slice(0, dot)
    if (dot < 1 || !/^[a-z]+$/.test(head) || entry.spelling !== undefined || entries.some(({ key }) => key === head)) {
      result.push(entry)
      continue
    }
    const inner = { ...entry, key: entry.key.slice(dot + 1) }
    const group = groups.get(head)
    if (group) {
      group.push(inner)
      continue
    }
    const members = [inner]
    groups.set(head, members)
    result.push({ key: head, value: { kind: 'map', entries: members } })
  }
  return result
}
