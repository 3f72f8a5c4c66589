import { expect } from 'chai'
import type { Concern } from '../../../server/src/refresh/concern.js'
import { concernsOf } from '../../../server/src/refresh/concerns.js'
import { createSteeringFiles } from '../../../server/src/refresh/steering-files.js'
import { createParsedFiles } from '../../../server/src/sources/parsed-files.js'
import { openSnapshotTree } from '../../tools/snapshot-tree.js'

type Files = Readonly<Record<string, string>>

interface Row {
  readonly title: string
  readonly before: Files
  /** Over `before`; `null` deletes. */
  readonly change: Readonly<Record<string, string | null>>
  readonly searchPaths?: readonly string[]
  readonly label?: string
  readonly readers?: Readonly<Record<string, readonly string[]>>
  /** `application` or `application: profile, …`, in the order of the answer. */
  readonly told: readonly string[]
}

const rows: readonly Row[] = [
  { title: 'nobody for a comment', before: { 'shop.yml': 'a: 1' }, change: { 'shop.yml': '# new\na: 1' }, told: [] },
  { title: 'nobody for another notation', before: { 'shop.yml': 'a: {b: x}' }, change: { 'shop.yml': 'a:\n  b: "x"\n' }, told: [] },
  {
    title: 'nobody for a file that is no configuration',
    before: { 'shop.yml': 'a: 1' },
    change: { 'README.md': 'x', 'shop.json': '{}' },
    told: [],
  },
  { title: 'an application for its file', before: { 'shop.yml': 'a: 1' }, change: { 'shop.yml': 'a: 2' }, told: ['shop'] },
  { title: 'an application where a type changes', before: { 'shop.yml': 'a: 1' }, change: { 'shop.yml': 'a: "1"' }, told: ['shop'] },
  {
    title: 'an application where the order changes',
    before: { 'shop.yml': 'a: 1\nb: 2' },
    change: { 'shop.yml': 'b: 2\na: 1' },
    told: ['shop'],
  },
  { title: 'an application for a new file', before: {}, change: { 'shop.properties': 'a=1' }, told: ['shop'] },
  { title: 'an application for a file that went', before: { 'shop.xml': '<properties/>' }, change: { 'shop.xml': null }, told: ['shop'] },
  {
    title: 'an application for a file that cannot be read',
    before: { 'shop.yml': 'a: 1' },
    change: { 'shop.yml': 'a: [' },
    told: ['shop'],
  },
  { title: 'each application that a dash may end', before: {}, change: { 'x-y-z.yml': 'a: 1' }, told: ['x: y-z', 'x-y: z', 'x-y-z'] },
  { title: 'everybody for the shared file', before: {}, change: { 'application.yml': 'a: 1', 'shop.yml': 'a: 1' }, told: ['*'] },
  {
    title: 'the profile of a shared file, and who is called so',
    before: {},
    change: { 'application-dev.yml': 'a: 1', 'shop-dev.yml': 'a: 1' },
    told: ['*: dev', 'application-dev', 'shop-dev'],
  },
  { title: 'an application with a slash', before: {}, change: { 'org/shop.yml': 'a: 1' }, told: ['org/shop'] },
  { title: 'nobody for a folder that is not searched', before: {}, change: { 'docs/x/notes.txt': 'a: 1' }, told: [] },
  {
    title: 'the application of a folder',
    before: {},
    change: { 'shop/application.yml': 'a: 1' },
    searchPaths: ['{application}'],
    told: ['shop', 'shop/application'],
  },
  {
    title: 'the profile of a folder',
    before: {},
    change: { 'shop/dev/application-eu.yml': 'a: 1' },
    searchPaths: ['{application}/{profile}'],
    told: ['application-eu: dev', 'shop: dev', 'shop/dev/application: eu', 'shop/dev/application-eu'],
  },
  {
    title: 'everybody for a folder that a wildcard matches',
    before: {},
    change: { 'teams/one/application.yml': 'a: 1' },
    searchPaths: ['teams/*'],
    told: ['*'],
  },
  {
    title: 'everybody for a folder at any depth',
    before: {},
    change: { 'a/b/c/application.yml': 'a: 1' },
    searchPaths: ['a/**'],
    told: ['*'],
  },
  {
    title: 'only the folder of the label',
    before: {},
    change: { 'v1/application.yml': 'a: 1', 'v2/application-x.yml': 'a: 1' },
    searchPaths: ['{label}'],
    label: 'v2',
    told: ['*: x', 'application-x', 'v1/application', 'v2/application-x'],
  },
  {
    title: 'a part of a folder name',
    before: {},
    change: { 'conf-shop-x/application.yml': 'a: 1' },
    searchPaths: ['conf-{application}-x'],
    told: ['conf-shop-x/application', 'shop'],
  },
  {
    title: 'who reaches a profile through a group',
    before: { 'shop.yml': 'spring.profiles.group.live: [prod, eu]\nspring.profiles.group.all: live' },
    change: { 'shop-eu.yml': 'a: 1' },
    told: ['shop: all, eu, live', 'shop-eu'],
  },
  {
    title: 'every profile where an include leads there',
    before: { 'shop.yml': 'spring.profiles.include: common' },
    change: { 'shop-common.yml': 'a: 1' },
    told: ['shop', 'shop-common'],
  },
  {
    title: 'every profile of an application whose imported file includes',
    before: { 'shop.yml': 'spring.config.import: parts/x.yml', 'parts/x.yml': 'spring.profiles.include: common' },
    change: { 'application-common.yml': 'a: 1' },
    told: ['*: common', 'application-common', 'parts/x', 'shop'],
  },
  {
    title: 'the profile of a document',
    before: { 'shop.yml': 'a: 1\n---\nspring.config.activate.on-profile: dev, eu\na: 2' },
    change: { 'shop.yml': 'a: 1\n---\nspring.config.activate.on-profile: dev, eu\na: 3\nb: 4' },
    told: ['shop: dev, eu'],
  },
  {
    title: 'all profiles where a document that activates on an expression changes',
    before: { 'shop.yml': 'spring.config.activate.on-profile: "!dev"\na: 2' },
    change: { 'shop.yml': 'spring.config.activate.on-profile: "!dev"\na: 3' },
    told: ['shop'],
  },
  {
    title: 'all profiles where the activation itself changes',
    before: { 'shop.yml': 'spring.config.activate.on-profile: dev\na: 2' },
    change: { 'shop.yml': 'spring.config.activate.on-profile: eu\na: 2' },
    told: ['shop'],
  },
  {
    title: 'all profiles where a file has more documents than before',
    before: { 'shop.yml': 'a: 1' },
    change: { 'shop.yml': 'a: 1\n---\nspring.config.activate.on-profile: dev\na: 2' },
    told: ['shop'],
  },
  {
    title: 'the importers of a file, and theirs',
    before: { 'shop.yml': 'spring.config.import: a.yml', 'a.yml': 'spring.config.import: "optional:parts/b.yml"', 'cart.yml': 'x: 1' },
    change: { 'parts/b.yml': 'a: 1' },
    told: ['a', 'parts/b', 'shop'],
  },
  {
    title: 'the importers of a file for its variant',
    before: { 'shop.yml': 'spring.config.import: [x.yml, parts/b.yml]' },
    change: { 'parts/b-dev.yml': 'a: 1' },
    told: ['parts/b: dev', 'parts/b-dev', 'shop: dev'],
  },
  {
    title: 'importers in a circle',
    before: { 'shop.yml': 'spring.config.import: a.yml', 'a.yml': 'spring.config.import: shop.yml' },
    change: { 'a.yml': 'x: 1' },
    told: ['a', 'shop'],
  },
  {
    title: 'everybody for what the shared file imports',
    before: { 'application.properties': 'spring.config.import=parts/' },
    change: { 'parts/application.yml': 'x: 1' },
    told: ['*'],
  },
  {
    title: 'an application for its file in an imported folder',
    before: { 'application.yml': 'spring.config.import: parts/*/' },
    change: { 'parts/one/shop.yml': 'x: 1' },
    told: ['parts/one/shop', 'shop'],
  },
  {
    title: 'who imports a file of no known kind by a hint',
    before: { 'shop.yml': 'spring.config.import: "parts/bare[.yml]"' },
    change: { 'parts/bare': 'x: 1' },
    told: ['shop'],
  },
  {
    title: 'who may import anything',
    before: { 'shop.yml': 'part: parts\nspring.config.import: "${part}/x.yml"' },
    change: { 'parts/x.yml': 'x: 1' },
    told: ['parts/x', 'shop'],
  },
  {
    title: 'those who were served a plain-text file',
    before: { 'nginx.conf': 'a', 'other.conf': 'a' },
    change: { 'nginx.conf': 'b', 'other.conf': 'b' },
    readers: { 'nginx.conf': ['shop', 'cart'] },
    told: ['cart', 'shop'],
  },
  {
    title: 'those who were served a file that has a variant now',
    before: { 'nginx.conf': 'a' },
    change: { 'nginx-dev.conf': 'b' },
    readers: { 'nginx.conf': ['shop'] },
    told: ['shop: dev'],
  },
  {
    title: 'those who were served a file of a folder',
    before: { 'shop/nginx.conf': 'a', 'cart/nginx.conf': 'a' },
    change: { 'shop/nginx.conf': 'b' },
    searchPaths: ['{application}'],
    readers: { 'nginx.conf': ['shop', 'cart'] },
    told: ['shop'],
  },
  {
    title: 'those who were served a configuration file as it is, for a comment too',
    before: { 'shop.yml': 'a: 1' },
    change: { 'shop.yml': 'a: 1 # one' },
    readers: { 'shop.yml': ['ops'] },
    told: ['ops'],
  },
]

describe('concernsOf', () => {
  for (const { title, before, change, searchPaths = [], label = 'main', readers = {}, told } of rows) {
    it(`names ${title}`, async () => {
      const tree = openSnapshotTree()
      const after = Object.entries({ ...before, ...change }).filter((entry): entry is [string, string] => entry[1] !== null)
      const from = tree.add(new Map(Object.entries(before)))
      const to = tree.add(new Map(after))
      const readersOf = (path: string): readonly string[] => readers[path] ?? []
      const concerns = await concernsOf({ tree, from, to, searchPaths, label, parsed: createParsedFiles(), readersOf })
      expect(concerns.map(spelled)).to.deep.equal(told)
    })
  }

  const options = { searchPaths: [], label: 'main', parsed: createParsedFiles(), readersOf: () => [] }
  const everybody = [{ application: '*', profiles: '*' }]

  it('names everybody where the older snapshot is gone', async () => {
    const tree = openSnapshotTree()
    const [from, to] = [tree.add(new Map([['shop.yml', 'a: 1']])), tree.add(new Map([['shop.yml', 'a: 2']]))]
    tree.lose(from)
    expect(await concernsOf({ ...options, tree, from, to })).to.deep.equal(everybody)
  })

  it('throws where the newer snapshot is gone', async () => {
    const tree = openSnapshotTree()
    const [from, to] = [tree.add(new Map([['shop.yml', 'a: 1']])), tree.add(new Map([['shop.yml', 'a: 2']]))]
    tree.lose(to)
    const outcome = await concernsOf({ ...options, tree, from, to }).catch((error: unknown) => error)
    expect(outcome).to.have.property('code', 'snapshot-gone')
  })

  it('names everybody while there are more files to look at than one look may, and gets on with each look', async () => {
    const tree = openSnapshotTree()
    const text = (index: number) => `a=${index}\n# as spring.config.import would say`
    const files = new Map(Array.from({ length: 2_500 }, (_, index) => [`apps/${index % 7}/app${index}.properties`, text(index)] as const))
    const [from, to] = [tree.add(files), tree.add(new Map([...files, ['apps/1/app1.properties', 'a=x']]))]
    const steeringFiles = createSteeringFiles()
    const looks = [1, 2].map(() => () => concernsOf({ ...options, tree, from, to, steeringFiles }))
    expect(await looks[0]?.()).to.deep.equal(everybody)
    expect((await looks[1]?.())?.map(spelled)).to.deep.equal(['apps/1/app1'])
  })

  it('looks at many more files that say nothing about others', async () => {
    const tree = openSnapshotTree()
    const files = new Map(
      Array.from({ length: 10_000 }, (_, index) => [`apps/${index % 70}/app${index}.properties`, `a=${index}`] as const),
    )
    const [from, to] = [tree.add(files), tree.add(new Map([...files, ['apps/1/app1.properties', 'a=x']]))]
    expect((await concernsOf({ ...options, tree, from, to })).map(spelled)).to.deep.equal(['apps/1/app1'])
  })

  it('looks again only at what changed', async () => {
    const tree = openSnapshotTree()
    const files = new Map(Array.from({ length: 200 }, (_, index) => [`app${index % 20}/x${index}.yml`, `a: ${index}`] as const))
    const first = tree.add(files)
    const second = tree.add(new Map([...files, ['app3/x3.yml', 'a: x']]))
    const third = tree.add(new Map([...files, ['app3/x3.yml', 'a: y']]))
    const steeringFiles = createSteeringFiles()
    await concernsOf({ ...options, tree, from: first, to: second, steeringFiles })
    tree.calls.splice(0)
    await concernsOf({ ...options, tree, from: second, to: third, steeringFiles })
    // both sides of the comparison, then the search for what steers
    const [root, folder, file] = ['list ', 'list app3', 'read app3/x3.yml']
    expect(tree.calls).to.deep.equal([root, root, folder, folder, file, file, root, folder, file])
  })
})

/** A commit's changes over its parent; `null` deletes. The parent is the commit before, unless it is named. */
interface Commit {
  readonly change: Readonly<Record<string, string | null>>
  readonly parent?: number
}

describe('concernsOf, where commits are bad', () => {
  const BAD = 'a: ['
  const base = {
    'application.yml': 'a: 1',
    'shop.yml': 'b: 1',
    'cart.yml': 'c: 1',
    'shared.yml': 'd: 1',
    'pay.yml': 'spring.config.import: shared.yml',
  }
  const on = (change: Commit['change'], parent?: number): Commit => ({ change, ...(parent === undefined ? {} : { parent }) })

  /** Commit 0 is `base`. */
  const moves: readonly {
    readonly title: string
    readonly commits: readonly Commit[]
    readonly from?: number
    readonly to?: number
    readonly told: readonly string[]
  }[] = [
    { title: 'nobody for a file that is bad now', commits: [on({ 'shop.yml': BAD })], told: [] },
    {
      title: 'nobody for the shared file that is bad now, whatever else changed',
      commits: [on({ 'application.yml': BAD, 'cart.yml': 'c: 2' })],
      told: [],
    },
    { title: 'the others, where one file is bad', commits: [on({ 'shop.yml': BAD, 'cart.yml': 'c: 2' })], told: ['cart'] },
    {
      title: 'not those who stay, for another of their files',
      commits: [on({ 'shop.yml': BAD }), on({ 'shop-dev.yml': 'b: 2', 'cart.yml': 'c: 2' })],
      from: 1,
      told: ['cart', 'shop-dev'],
    },
    { title: 'who reads it, where it is mended', commits: [on({ 'shop.yml': BAD }), on({ 'shop.yml': 'b: 1' })], from: 1, told: ['shop'] },
    {
      title: 'everybody, where the shared file is mended',
      commits: [on({ 'application.yml': BAD }), on({ 'application.yml': 'a: 1' })],
      from: 1,
      told: ['*'],
    },
    { title: 'who reads it, where it is deleted', commits: [on({ 'shop.yml': BAD }), on({ 'shop.yml': null })], from: 1, told: ['shop'] },
    { title: 'nobody, where it is bad in another way', commits: [on({ 'shop.yml': BAD }), on({ 'shop.yml': 'b: {' })], from: 1, told: [] },
    {
      title: 'who imports it, where it is mended, and nobody where it breaks',
      commits: [on({ 'shared.yml': BAD }), on({ 'shared.yml': 'd: 2' })],
      from: 1,
      told: ['pay', 'shared'],
    },
    {
      title: 'who was moved on for a moment in between, and is bad at the end as at the start',
      commits: [on({ 'shop.yml': BAD }), on({ 'shop.yml': 'b: 2' }), on({ 'shop.yml': BAD })],
      from: 1,
      told: ['shop'],
    },
    {
      title: 'who saw a change of another file before its own broke',
      commits: [on({ 'application.yml': 'a: 2' }), on({ 'application.yml': 'a: 1', 'shop.yml': BAD })],
      from: 0,
      told: ['*'],
    },
    {
      title: 'who would go back with a force push, although both ends are the same',
      commits: [on({ 'shop.yml': 'b: 2' }), on({ 'shop.yml': BAD }), on({ 'shop.yml': 'b: 3' }, 0), on({ 'shop.yml': BAD })],
      from: 2,
      told: ['shop'],
    },
    {
      title: 'nobody else at a force push',
      commits: [on({ 'shop.yml': 'b: 2' }), on({ 'cart.yml': 'c: 2' }, 0)],
      from: 1,
      told: ['cart', 'shop'],
    },
    { title: 'who read what a reset takes back', commits: [on({ 'shop.yml': 'b: 2' })], from: 1, to: 0, told: ['shop'] },
  ]
  for (const { title, commits, from = 0, to = commits.length, told } of moves) {
    it(`names ${title}`, async () => {
      const tree = openSnapshotTree()
      const files = [new Map<string, string>(Object.entries(base))]
      const made = [tree.commit(files[0] ?? new Map())]
      for (const { change, parent = made.length - 1 } of commits) {
        const next = Object.entries({ ...Object.fromEntries(files[parent] ?? []), ...change }).filter(
          (entry): entry is [string, string] => entry[1] !== null,
        )
        files.push(new Map(next))
        made.push(tree.commit(new Map(next), made[parent]))
      }
      const look = { tree, searchPaths: [], label: 'main', parsed: createParsedFiles(), readersOf: () => [] }
      const concerns = await concernsOf({ ...look, from: made[from] ?? { id: '' }, to: made[to] ?? { id: '' } })
      expect(concerns.map(spelled)).to.deep.equal(told)
    })
  }

  it('names everybody where the way from one to the other is too long', async () => {
    const tree = openSnapshotTree()
    const first = tree.commit(new Map([['shop.yml', 'a: 0']]))
    let last = first
    for (let index = 1; index <= 600; index++) last = tree.commit(new Map([['shop.yml', `a: ${index}`]]), last)
    const look = { tree, searchPaths: [], label: 'main', parsed: createParsedFiles(), readersOf: () => [] }
    expect((await concernsOf({ ...look, from: first, to: last })).map(spelled)).to.deep.equal(['*'])
    expect((await concernsOf({ ...look, from: tree.commit(new Map()), to: last })).map(spelled)).to.deep.equal(['*'])
  })
})

function spelled({ application, profiles }: Concern): string {
  return profiles === '*' ? application : `${application}: ${profiles.join(', ')}`
}
