/**
 * What a repository costs by its size: start on a clone that is there to the first answer, views that nobody asked for before, taking up a commit of one file
 * (hook, fetch, first answer with it; and until it is announced), and memory with all processes. Each size over both engines, with 2,000 commits of history;
 * one flat folder is measured and judged by nothing. The server has one core and all else the other, but
 * for views, where it may use both. `--quick` for small ones, `--engine isomorphic|system`, `--files 500,50000`.
 */
import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startGitHttp } from '../test/tools/git-http.js'
import type { Stage } from './tools/large-server.js'
import { type Alone, measureAlone, measureTakeUps, type TakeUps } from './tools/large-stage.js'
import { flat, folders, type Layout } from './tools/layouts.js'
import { round, table } from './tools/numbers.js'
import { scratchFolder } from './tools/places.js'
import { type Commit, importCommits } from './tools/repositories.js'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, engine: { type: 'string' }, files: { type: 'string' }, flat: { type: 'string' } },
})
const ENGINES = ['isomorphic', 'system'].filter((engine) => options.engine === undefined || options.engine === engine)
const SIZES = (options.files ?? (options.quick ? '500,2000' : '500,5000,50000')).split(',').map(Number)
const FLAT = Number(options.flat ?? (options.quick ? 2_000 : 50_000))
const HISTORY = options.quick ? 200 : 2_000
const LOAD_CORE = 1

type Facts = Alone & TakeUps

interface Line {
  readonly stage: Stage
  readonly facts: Facts
}

/** What is printed of each line, and what it may be at most: so much, or so many times what the same engine needs for the fewest files. */
const COLUMNS: readonly { readonly fact: keyof Facts; readonly title: string; readonly most?: number; readonly times?: number }[] = [
  { fact: 'clone_s', title: 'clone s' },
  { fact: 'clone_mb', title: 'its memory MB' },
  { fact: 'first_answer_ms', title: 'first answer ms', most: 1_500 },
  { fact: 'first_answer_cpu_ms', title: 'its CPU ms' },
  { fact: 'first_views_p99_ms', title: 'first 40 views p99 ms' },
  { fact: 'cold_p50_ms', title: 'cold p50 ms' },
  { fact: 'cold_p99_ms', title: 'cold p99 ms', most: 15 },
  { fact: 'cold_cpu_ms', title: 'its CPU ms' },
  { fact: 'machine_ms', title: 'fixed work then ms' },
  { fact: 'take_up_ms', title: 'take-up ms', times: 2 },
  { fact: 'take_up_cpu_ms', title: 'its CPU ms' },
  { fact: 'announced_ms', title: 'announced ms', times: 2 },
  { fact: 'memory_mb', title: 'memory MB', most: 200 },
  { fact: 'memory_summed_mb', title: 'RSS summed' },
]

const folder = scratchFolder()
// What this process starts, the remotes' Git among it, stays on its core.
execFileSync('taskset', ['-apc', String(LOAD_CORE), String(process.pid)])
await main()
process.exit()

async function main(): Promise<void> {
  const layouts = [...SIZES.map(folders), ...(FLAT > 0 ? [flat(FLAT)] : [])]
  for (const layout of layouts) await makeRemote(layout)
  const git = await startGitHttp({ root: folder })
  const lines: Line[] = []
  for (const engine of ENGINES) {
    const stages = layouts.map((layout): Stage => {
      const name = nameOf(layout)
      return { layout, engine, remote: remoteOf(layout), url: `${git.url}/${name}.git`, place: join(folder, `${engine}-${name}`) }
    })
    const alone: Alone[] = []
    for (const stage of stages) {
      console.error(`${engine}, ${stage.layout.name}`)
      alone.push(await measureAlone(stage))
    }
    const takeUps = await measureTakeUps(stages)
    lines.push(...stages.map((stage, index) => ({ stage, facts: { ...(alone[index] as Alone), ...(takeUps[index] as TakeUps) } })))
  }
  await git.close()
  report(lines)
}

function nameOf(layout: Layout): string {
  return layout.name.replaceAll(' ', '-')
}

function remoteOf(layout: Layout): string {
  return join(folder, `${nameOf(layout)}.git`)
}

async function makeRemote(layout: Layout): Promise<void> {
  const started = performance.now()
  await importCommits(remoteOf(layout), historyOf(layout))
  // As a host keeps it.
  execFileSync('git', ['--git-dir', remoteOf(layout), 'repack', '-adq', '--threads=1'])
  console.error(`${layout.name}, ${HISTORY} commits: made in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

function* historyOf(layout: Layout): Generator<Commit> {
  yield layout.all()
  for (let number = 1; number < HISTORY; number++) yield [layout.change(number).written]
}

function report(lines: readonly Line[]): void {
  const judged = lines.map((line) => judge(line, lines))
  console.log(
    'A folder for each application, searched by {application}, with up to 200 files of about 1 kB; a view is made of three files.',
  )
  console.log(
    `${HISTORY} commits. Memory is the most that was seen: all of the server (RSS), and of what it started the part (PSS) that it does not share.\n`,
  )
  console.log(table([['', ...COLUMNS.map(({ title }) => title), 'within'], ...judged.map(({ row }) => row), limitRow()]))
  console.log(
    `\nload of the machine: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  )
  const over = judged.flatMap((line) => line.over)
  const numbers = Object.fromEntries(judged.flatMap((line) => line.numbers))
  const limits = Object.fromEntries(
    COLUMNS.flatMap(({ fact, most, times }) => ((most ?? times) === undefined ? [] : [[`${fact}_limit`, most ?? times]])),
  )
  console.log(JSON.stringify({ bench: 'large', commits: HISTORY, ...numbers, ...limits, within: over.length === 0, over }))
}

function limitRow(): readonly string[] {
  return ['limit', ...COLUMNS.map(({ most, times }) => (most !== undefined ? `${most}` : times !== undefined ? `${times} x` : '-')), '']
}

function judge({ stage: { engine, layout }, facts }: Line, lines: readonly Line[]) {
  const smallest = lines.find(({ stage }) => stage.engine === engine)?.facts ?? facts
  const name = `${engine}_${layout.kind === 'flat' ? 'flat' : layout.files}`
  const over = COLUMNS.filter(({ fact, most = Number.POSITIVE_INFINITY, times = Number.POSITIVE_INFINITY }) => {
    return layout.kind === 'folders' && !(facts[fact] <= most && facts[fact] <= times * smallest[fact])
  })
  const numbers = COLUMNS.flatMap(({ fact, times }) => [
    [`${name}_${fact}`, round(facts[fact])] as const,
    ...(times === undefined ? [] : [[`${name}_${fact.replace(/_ms$/, '')}_ratio`, round(facts[fact] / smallest[fact])] as const]),
  ])
  const within = layout.kind === 'flat' ? '-' : over.length === 0 ? 'yes' : 'NO'
  return {
    row: [`${engine}, ${layout.name}`, ...COLUMNS.map(({ fact }) => facts[fact]), within],
    over: over.map(({ fact }) => `${name}_${fact}`),
    numbers,
  }
}
