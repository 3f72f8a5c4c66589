/**
 * Reads at a fifth of what saturates a server, beside a clone and a fetch of a large repository: how long its main thread stands still at most, and the 99th
 * percentile of the reads with and without. The server has one core, with whatever it starts; load and remote have the other. `--files N`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startGitHttp } from '../test/tools/git-http.js'
import { table } from './tools/numbers.js'
import { launcher, scratchFolder, tool } from './tools/places.js'
import { type Pinned, runPinned, startPinned } from './tools/processes.js'
import { importCommits, makeRepository, type Written } from './tools/repositories.js'

const ENGINES = ['isomorphic', 'system'] as const
const SERVER_CORE = 0
const LOAD_CORE = 1
const IDLE = 5_000
const LONGEST = 300_000
const FILES = Number(process.argv[process.argv.indexOf('--files') + 1]) || 20_000

interface Load {
  readonly total: number
  readonly p99: number
  readonly slowest: number
  /** Answers that are errors, and reads that had none within 10 s. */
  readonly refused: number
}

/** In ms: for how long at most the main thread did not turn, and how long it computed at most between two turns. */
interface Stalls {
  readonly longest: number
  readonly computed: number
}

interface Measured extends Load, Stalls {
  readonly seconds: number
}

interface Stage {
  readonly server: Pinned
  readonly stalls: string
  readonly rate: number
}

const folder = scratchFolder()
// What this process starts, the remote's Git among it, stays on its core.
execFileSync('taskset', ['-apc', String(LOAD_CORE), String(process.pid)])
await main()

async function main(): Promise<void> {
  const rows: (string | number)[][] = [
    ['', 'took s', 'reads', 'without answer', 'p99 ms', 'slowest ms', 'longest stall ms', 'of it computing ms'],
  ]
  const numbers: Record<string, number> = {}
  for (const engine of ENGINES) {
    for (const [name, measured] of Object.entries(await measureEngine(engine))) {
      const { seconds, total, refused, p99, slowest, longest, computed } = measured
      rows.push([`${engine}, ${name}`, seconds, String(total), String(refused), p99, slowest, longest, computed])
      numbers[`${engine}_${name}_stall_ms`] = Math.round(longest * 10) / 10
      numbers[`${engine}_${name}_computing_ms`] = Math.round(computed * 10) / 10
      numbers[`${engine}_${name}_p99_ms`] = p99
    }
  }
  console.log(table(rows))
  console.log(JSON.stringify({ bench: 'fetch', files: FILES, ...numbers, stall_limit_ms: 50 }))
}

async function measureEngine(engine: string): Promise<Readonly<Record<'nothing' | 'clone' | 'fetch', Measured>>> {
  const place = join(folder, engine)
  const small = makeSmall(place)
  const large = join(place, 'large.git')
  await makeLarge(large, 1)
  const git = await startGitHttp({ root: place })
  git.behave({ kind: 'status', status: 503 })
  const stalls = join(place, 'stalls')
  const server = await startPinned(
    SERVER_CORE,
    ['--import', tool('stalls.mjs'), ...serveArguments({ place, small, git: git.url, engine })],
    {
      BENCH_STALLS: stalls,
    },
  )
  try {
    const saturated = JSON.parse(await runPinned(LOAD_CORE, [tool('load.mjs'), `${server.url}/small/prod`, '4'])) as { perSecond: number }
    const stage: Stage = { server, stalls, rate: Math.round(saturated.perSecond / 5) }
    const nothing = await measure(stage, () => pause(IDLE))
    const clone = await measure(stage, async () => {
      git.behave({ kind: 'serve' })
      await shows(server, 'value 1 ')
    })
    const fetch = await measure(stage, async () => {
      await makeLarge(large, 2)
      await shows(server, 'value 2 ')
    })
    return { nothing, clone, fetch }
  } finally {
    await server.stop()
    await git.close()
  }
}

/** Reads while something goes on, until it is done. */
async function measure({ server, stalls, rate }: Stage, work: () => Promise<unknown>): Promise<Measured> {
  await askForStalls(server, stalls)
  const load = spawn('taskset', ['-c', String(LOAD_CORE), process.execPath, tool('rate.mjs'), `${server.url}/small/prod`, String(rate)])
  let output = ''
  load.stdout.on('data', (part: Buffer) => {
    output += part.toString()
  })
  const ended = new Promise((resolve) => load.once('close', resolve))
  await pause(1_000)
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  await pause(500)
  const stalled = await askForStalls(server, stalls)
  load.kill('SIGTERM')
  await ended
  return { ...(JSON.parse(output) as Load), ...stalled, seconds }
}

async function askForStalls({ pid }: Pinned, file: string): Promise<Stalls> {
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let tries = 0; tries < 500; tries++) {
    await pause(20)
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Stalls
    } catch {
      // Not written yet.
    }
  }
  throw new Error('the server does not tell of its stalls')
}

/** Waits until the large repository shows a value. Asked seldom, because it is not what is measured. */
async function shows({ url }: Pinned, value: string): Promise<void> {
  for (const until = Date.now() + LONGEST; Date.now() < until; await pause(200)) {
    const answer = await fetch(`${url}/large/prod`, { headers: { connection: 'close' } })
    if ((await answer.text()).includes(value)) return
  }
  throw new Error(`the large repository did not show "${value}" for ${LONGEST / 1000} s`)
}

interface Serving {
  readonly place: string
  readonly small: string
  readonly git: string
  readonly engine: string
}

function serveArguments({ place, small, git, engine }: Serving): readonly string[] {
  const settings = join(place, 'settings.yml')
  const large = `repos: { large: { pattern: 'large', uri: '${git}/large.git' } }`
  writeFileSync(settings, `spring.cloud.config.server.git: { uri: 'file://${small}', refresh-rate: 1, timeout: 60, ${large} }\n`)
  const own = ['--port', '0', '--data-folder', join(place, 'data'), '--set', `carillon.git.engine=${engine}`]
  return [launcher, 'serve', '--config', settings, ...own]
}

function makeSmall(place: string): string {
  const text = Array.from({ length: 40 }, (_, key) => `key-${key}: value of key ${key}\n`).join('')
  return makeRepository(join(place, 'small'), [{ path: 'small.yml', text }])
}

/** A commit in which every file is another, 200 files a folder. */
async function makeLarge(repository: string, number: number): Promise<void> {
  await importCommits(repository, [largeCommit(number)])
}

function* largeCommit(number: number): Generator<Written> {
  yield { path: 'large.yml', text: `key: "value ${number} of all"\n` }
  for (let file = 0; file < FILES; file++) {
    const values = Array.from({ length: 20 }, (_, key) => `key-${key}: ${number} ${(file * 7_919 + key * 104_729 + number) % 1_000_003}\n`)
    yield { path: `folder-${Math.floor(file / 200)}/application-${file}.yml`, text: values.join('') }
  }
}
