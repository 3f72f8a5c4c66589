/**
 * Warm reads of an environment beside a bare node:http server that sends the same bytes: both pinned to one core, the load to another, in turns. CPU
 * per request is what counts; requests a second say what the load generator could ask for. Then how long a start takes and how much memory it needs.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, table } from './tools/numbers.js'
import { cpuSeconds, type Pinned, residentMegabytes, runPinned, startPinned } from './tools/processes.js'

const ROUNDS = 5
const SECONDS = 3
const SERVER_CORE = 0
const LOAD_CORE = 1
const launcher = fileURLToPath(new URL('../cli/bin/carillon.js', import.meta.url))
const tool = (name: string): string => fileURLToPath(new URL(`./tools/${name}`, import.meta.url))

interface Reading {
  readonly name: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

interface Load {
  readonly total: number
  readonly perSecond: number
  readonly p99: number
  readonly errors: number
  readonly refused: number
}

interface Measured extends Load {
  readonly cpuMicroseconds: number
}

const folder = mkdtempSync(join(tmpdir(), 'carillon-bench-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const repository = makeRepository()
  const carillon = await startPinned(SERVER_CORE, serveArguments(repository))
  const readings = await readingsOf(carillon)
  const bare = await startPinned(SERVER_CORE, [tool('bare.mjs'), await recordAnswers(carillon, readings)])
  const ratios: Record<string, number> = {}
  const rows: (string | number)[][] = [
    ['', 'carillon req/s', 'bare req/s', 'carillon p99 ms', 'bare p99 ms', 'carillon CPU us', 'bare CPU us', 'CPU ratio'],
  ]
  for (const reading of readings) {
    const { ours, theirs } = await compare(carillon, bare, reading)
    const ratio = ours.cpuMicroseconds / theirs.cpuMicroseconds
    rows.push([reading.name, ours.perSecond, theirs.perSecond, ours.p99, theirs.p99, ours.cpuMicroseconds, theirs.cpuMicroseconds, ratio])
    ratios[`cpu_${reading.name.replaceAll(' ', '_')}`] = round(ratio)
  }
  await Promise.all([carillon.stop(), bare.stop()])
  const start = await measureStart(repository)
  console.log(table(rows))
  console.log(`\nstart to first answer ${start.seconds.toFixed(2)} s (median of ${ROUNDS}), idle memory ${start.megabytes.toFixed(0)} MB`)
  console.log(
    JSON.stringify({
      bench: 'serve',
      ...ratios,
      cpu_limit: round(1 / 0.75),
      start_seconds: round(start.seconds),
      idle_mb: round(start.megabytes),
    }),
  )
}

/** An environment of about 2 kB and one of about 60 kB. */
function makeRepository(): string {
  const repository = join(folder, 'repository')
  mkdirSync(repository)
  const lines = (count: number): string => Array.from({ length: count }, (_, index) => `  key-${index}: value of key ${index}\n`).join('')
  writeFileSync(join(repository, 'small.yml'), `small:\n${lines(40)}`)
  writeFileSync(join(repository, 'large.yml'), `large:\n${lines(1_350)}`)
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', ...args], { cwd: repository })
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-q', '-m', 'bench')
  return repository
}

function serveArguments(repository: string): readonly string[] {
  return [launcher, 'serve', repository, '--port', '0', '--data-folder', join(folder, 'data')]
}

async function readingsOf({ url }: Pinned): Promise<readonly Reading[]> {
  const etag = (await fetch(`${url}/small/prod`)).headers.get('etag') ?? ''
  return [
    { name: '2 kB', path: '/small/prod', headers: {} },
    { name: '60 kB', path: '/large/prod', headers: {} },
    { name: '304', path: '/small/default', headers: { 'if-none-match': etag } },
  ]
}

/** What Carillon sends, for the bare server to send again; what `node:http` adds by itself is left to it. */
async function recordAnswers({ url }: Pinned, readings: readonly Reading[]): Promise<string> {
  const answers: Record<string, { status: number; headers: Record<string, string>; body: string }> = {}
  for (const { path, headers } of readings) {
    const response = await fetch(`${url}${path}`, { headers: { ...headers, 'accept-encoding': 'identity', accept: '*/*' } })
    const sent = Object.fromEntries([...response.headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)))
    answers[path] = { status: response.status, headers: sent, body: await response.text() }
  }
  const file = join(folder, 'answers.json')
  writeFileSync(file, JSON.stringify(answers))
  return file
}

async function compare(carillon: Pinned, bare: Pinned, reading: Reading): Promise<{ readonly ours: Measured; readonly theirs: Measured }> {
  await measure(carillon, reading, 1)
  await measure(bare, reading, 1)
  const ours: Measured[] = []
  const theirs: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await measure(carillon, reading, SECONDS))
    theirs.push(await measure(bare, reading, SECONDS))
  }
  return { ours: middle(ours), theirs: middle(theirs) }
}

async function measure({ pid, url }: Pinned, { path, headers }: Reading, seconds: number): Promise<Measured> {
  const before = cpuSeconds(pid)
  const load = JSON.parse(await runPinned(LOAD_CORE, [tool('load.mjs'), `${url}${path}`, String(seconds), JSON.stringify(headers)])) as Load
  if (load.errors > 0 || load.refused > 0) throw new Error(`${url}${path}: ${load.errors} errors, ${load.refused} refused`)
  return { ...load, cpuMicroseconds: ((cpuSeconds(pid) - before) / load.total) * 1e6 }
}

function middle(rounds: readonly Measured[]): Measured {
  const of = (pick: (measured: Measured) => number): number => median(rounds.map(pick))
  return {
    total: of((round) => round.total),
    perSecond: of((round) => round.perSecond),
    p99: of((round) => round.p99),
    errors: 0,
    refused: 0,
    cpuMicroseconds: of((round) => round.cpuMicroseconds),
  }
}

async function measureStart(repository: string): Promise<{ readonly seconds: number; readonly megabytes: number }> {
  const seconds: number[] = []
  const megabytes: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    const server = await startPinned(SERVER_CORE, serveArguments(repository))
    const answer = await fetch(`${server.url}/small/prod`)
    if (answer.status !== 200) throw new Error(`the first answer was ${answer.status}`)
    await answer.arrayBuffer()
    seconds.push((performance.now() - started) / 1000)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    megabytes.push(residentMegabytes(server.pid))
    await server.stop()
  }
  return { seconds: median(seconds), megabytes: median(megabytes) }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
