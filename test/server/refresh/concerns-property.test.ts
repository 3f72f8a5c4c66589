import { expect } from 'chai'
import { concernsOf } from '../../../server/src/refresh/concerns.js'
import { createSteeringFiles } from '../../../server/src/refresh/steering-files.js'
import { createParsedFiles } from '../../../server/src/sources/parsed-files.js'
import type { Snapshot } from '../../../server/src/trees/tree.js'
import { createRandom, type Random } from '../../fuzz/random.js'
import { changeFiles, createFiles, foldersOf } from '../../fuzz/repository/repository.js'
import { createWords } from '../../fuzz/repository/words.js'
import {
  APPLICATIONS,
  CHANGES,
  type Change,
  changed,
  generateRepository,
  type Layout,
  PLAIN_TEXT,
  PROFILES,
  written,
} from '../../tools/generate-repositories.js'
import { openSnapshotTree, type SnapshotFiles } from '../../tools/snapshot-tree.js'
import { concerns, type Instance, seenBy } from './fleet.js'

interface Step {
  readonly what: string
  readonly files: SnapshotFiles
}

interface Case {
  readonly seed: string
  readonly searchPaths: readonly string[]
  readonly instances: readonly Instance[]
  readonly steps: readonly Step[]
}

interface Count {
  told: number
  inVain: number
  changed: number
}

describe('concernsOf, over generated repositories', () => {
  it('misses nobody whose view changed, tells nobody of a comment, and tells few in vain where applications are kept apart', async function () {
    this.timeout(120_000)
    const counts: Record<Layout, Count> = { files: zero(), folders: zero(), mixed: zero() }
    for (let number = 0; number < 300; number++) {
      const layout = (['files', 'folders', 'mixed'] as const)[number % 3] ?? 'mixed'
      await check(ownCase(`own ${layout} ${number}`, layout), counts[layout])
    }
    for (const [layout, { told, inVain, changed }] of Object.entries(counts)) {
      console.log(`      ${layout}: ${changed} views changed, ${told} instances told, ${inVain} in vain (${percent(inVain, told)} %)`)
    }
    const apart = counts.files.inVain + counts.folders.inVain
    expect(percent(apart, counts.files.told + counts.folders.told)).to.be.at.most(10)
  })

  it('misses nobody in repositories with odd names, broken files, hints and placeholders', async function () {
    this.timeout(120_000)
    const count = zero()
    for (let number = 0; number < 60; number++) await check(oddCase(`odd ${number}`), count)
    console.log(`      odd: ${count.changed} views changed, ${count.told} instances told, ${count.inVain} in vain`)
    expect(count.changed).to.be.greaterThan(100)
  })

  it('misses nobody whose served view changed, where commits are bad, several come at once, and branches are reset', async function () {
    this.timeout(120_000)
    const count = zero()
    for (let number = 0; number < 40; number++) await checkServed(`served ${number}`, count)
    console.log(`      served: ${count.changed} views changed, ${count.told} instances told, ${count.inVain} in vain`)
    expect(count.changed).to.be.greaterThan(500)
  })
})

interface Committed {
  readonly snapshot: Snapshot
  readonly parent: Committed | undefined
  readonly files: SnapshotFiles
}

/** A history that forks, in which files break and are mended; then moves from any commit of it to any other. */
async function checkServed(seed: string, count: Count): Promise<void> {
  const random = createRandom(seed)
  const layout = random.pick(['files', 'folders', 'mixed'] as const)
  const { steps, searchPaths, instances } = ownCase(seed, layout)
  const tree = openSnapshotTree()
  const commits: Committed[] = []
  const commit = (files: SnapshotFiles, parent: Committed | undefined): unknown =>
    commits.push({ snapshot: tree.commit(files, parent?.snapshot), parent, files })
  for (const { files } of steps) {
    const parent = random.chance(0.8) || commits.length === 0 ? commits.at(-1) : random.pick(commits)
    commit(files, parent)
    for (let breaks = random.below(3); breaks > 0; breaks--) {
      const last = commits.at(-1)
      commit(brokenFiles(random, random.chance(0.5) ? (last?.files ?? files) : files), last)
    }
  }
  const repository = { tree, parsed: createParsedFiles(), searchPaths, label: 'main' }
  const look = { ...repository, readersOf: readersAmong(instances), steeringFiles: createSteeringFiles() }
  for (let move = 0; move < 8; move++) {
    const [from, to] = [random.pick(commits), random.pick(commits)]
    const told = await concernsOf({ ...look, from: from.snapshot, to: to.snapshot })
    const outcomes = await Promise.all(
      instances.map(async (instance) => ({
        instance,
        isTold: told.some((concern) => concerns(concern, instance)),
        isChanged: (await servedFrom(instance, repository, from)) !== (await servedFrom(instance, repository, to)),
      })),
    )
    const missed = outcomes.find(({ isTold, isChanged }) => isChanged && !isTold)
    const what = `from ${commits.indexOf(from)} to ${commits.indexOf(to)}, parents ${commits.map(({ parent }) => parent && commits.indexOf(parent))}`
    if (missed !== undefined) throw missing({ seed, what, instance: missed.instance, told, searchPaths, files: to.files })
    add(count, outcomes)
  }
}

/** What an instance is served: the newest commit, by first parents, in which its environment can be read. */
async function servedFrom(instance: Instance, repository: Parameters<typeof seenBy>[1], wanted: Committed): Promise<string> {
  for (let at: Committed | undefined = wanted; at !== undefined; at = at.parent) {
    const seen = await seenBy(instance, repository, at.snapshot)
    if (/^[0-9a-f]{64}/.test(seen)) return seen
  }
  return seenBy(instance, repository, wanted.snapshot)
}

/** One configuration file is no YAML any more, or says something that it must not. */
function brokenFiles(random: Random, files: SnapshotFiles): SnapshotFiles {
  const paths = [...files.keys()].filter((path) => /\.(ya?ml|properties)$/.test(path))
  const path = random.pick(['application.yml', 'shop.yml', ...paths])
  if (path.endsWith('.properties')) return new Map([...files, [path, 'spring.main.cloud-platform=none-such']])
  return new Map([...files, [path, random.pick(['k: [', 'k: {', 'spring.main.cloud-platform: none-such'])]])
}

/** One look a step, as a server does; each answer is held against what every instance saw before and sees now. */
async function check({ seed, searchPaths, instances, steps }: Case, count: Count): Promise<void> {
  const tree = openSnapshotTree()
  const repository = { tree, parsed: createParsedFiles(), searchPaths, label: 'main' }
  const look = { ...repository, readersOf: readersAmong(instances), steeringFiles: createSteeringFiles() }
  let from = tree.add(new Map())
  let before = await Promise.all(instances.map((instance) => seenBy(instance, repository, from)))
  for (const { what, files } of steps) {
    const to = tree.add(files)
    const told = await concernsOf({ ...look, from, to })
    const after = await Promise.all(instances.map((instance) => seenBy(instance, repository, to)))
    const outcomes = instances.map((instance, index) => ({
      instance,
      isTold: told.some((concern) => concerns(concern, instance)),
      isChanged: before[index] !== after[index],
    }))
    const missed = outcomes.find(({ isTold, isChanged }) => isChanged && !isTold)
    if (missed !== undefined) throw missing({ seed, what, instance: missed.instance, told, searchPaths, files })
    if (what === 'comment' || what === 'format') expect(told, `seed '${seed}', a change of ${what}`).to.deep.equal([])
    if (what !== 'start') add(count, outcomes)
    ;[from, before] = [to, after]
  }
}

function readersAmong(instances: readonly Instance[]): (path: string) => readonly string[] {
  return (path) => instances.filter(({ plainText }) => plainText === path).flatMap(({ applications }) => applications)
}

function add(count: Count, outcomes: readonly { readonly isTold: boolean; readonly isChanged: boolean }[]): void {
  count.told += outcomes.filter(({ isTold }) => isTold).length
  count.inVain += outcomes.filter(({ isTold, isChanged }) => isTold && !isChanged).length
  count.changed += outcomes.filter(({ isChanged }) => isChanged).length
}

function ownCase(seed: string, layout: Layout): Case {
  const random = createRandom(seed)
  let repository = generateRepository(random, layout)
  const steps: Step[] = [{ what: 'start', files: written(repository.drafts) }]
  const kinds: readonly Change[] = layout === 'mixed' ? CHANGES : CHANGES.filter((change) => change !== 'move')
  for (const what of random.some([...kinds, 'value', 'value'] as const, 4)) {
    if (repository.drafts.size === 0) break
    repository = { ...repository, drafts: changed(random, repository, what) }
    steps.push({ what, files: written(repository.drafts) })
  }
  return { seed, searchPaths: repository.searchPaths, instances: fleet(random, layout), steps }
}

/** The instances of one application read the same plain-text file, if any. */
function fleet(random: Random, layout: Layout): readonly Instance[] {
  const profileLists = [['default'], ['dev'], ['prod', 'eu'], ['live'], random.shuffle(random.some(PROFILES, 2))]
  const alone = APPLICATIONS.flatMap((application) => {
    const plainText = random.chance(0.5) ? { plainText: random.pick(PLAIN_TEXT) } : {}
    return random.some(profileLists, 4).map((profiles) => ({ applications: [application], profiles, ...plainText }))
  })
  if (layout !== 'mixed') return alone
  const together = [0, 1].map(() => ({ applications: random.some(APPLICATIONS, 2), profiles: random.pick(profileLists) }))
  return [
    ...alone,
    ...together,
    { applications: ['application'], profiles: ['dev'] },
    { applications: ['shop'], profiles: ['default', 'dev'] },
  ]
}

function oddCase(seed: string): Case {
  const random = createRandom(seed)
  const words = createWords(random)
  const searchPaths = random.pick([
    [],
    ['{application}'],
    ['{application}/{profile}', 'conf-*'],
    ['**'],
    ['teams/*'],
    foldersOf(words).slice(0, 3),
  ])
  const steps: Step[] = [{ what: 'start', files: createFiles(random, words) }]
  for (let step = 0; step < 3; step++)
    steps.push({ what: 'commit', files: oneChange(random, words, steps.at(-1)?.files as ReadonlyMap<string, Buffer>) })
  const lists = [['default'], ...words.profiles.map((profile) => [profile]), random.shuffle([...words.profiles])]
  const instances = words.apps.flatMap((application) =>
    lists.map((profiles) => ({ applications: [application], profiles, plainText: 'nginx.conf' })),
  )
  return { seed, searchPaths, instances: [...instances, { applications: words.apps.slice(0, 2), profiles: lists[1] ?? ['dev'] }], steps }
}

/** A commit that touches one or two files of those that another would. */
function oneChange(random: Random, words: ReturnType<typeof createWords>, files: ReadonlyMap<string, Buffer>): SnapshotFiles {
  const other = changeFiles(random, words, files)
  const paths = random.some(
    [...new Set([...files.keys(), ...other.keys()])].filter((path) => files.get(path) !== other.get(path)),
    2,
  )
  const next = new Map(files)
  for (const path of paths) {
    const content = other.get(path)
    if (content === undefined) next.delete(path)
    else next.set(path, content)
  }
  return next
}

function missing({ files, ...found }: { readonly seed: string; readonly files: SnapshotFiles; readonly [what: string]: unknown }): Error {
  return new Error(`missed: ${JSON.stringify(found)}\n${[...files].map(([path, content]) => `--- ${path}\n${content}`).join('\n')}`)
}

function zero(): Count {
  return { told: 0, inVain: 0, changed: 0 }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10
}
