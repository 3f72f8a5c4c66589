/**
 * Warm reads of an environment beside a bare node:http server that sends the same bytes: both pinned to one core, the load to another, in turns. CPU
 * per request is what counts; requests a second say what the load generator could ask for. Then how long a start takes and how much memory it needs.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, round, table } from './tools/numbers.js'
import { launcher, scratchFolder, tool } from './tools/places.js'
import { type Pinned, residentMegabytes, startPinned } from './tools/processes.js'
import { compare, type Reading } from './tools/readings.js'
import { makeRepository } from './tools/repositories.js'

const ROUNDS = 5
const SERVER_CORE = 0

const folder = scratchFolder()
await main()

async function main(): Promise<void> {
  const repository = makeSample()
  const carillon = await startPinned(SERVER_CORE, serveArguments(repository))
  const readings = await readingsOf(carillon)
  const bare = await startPinned(SERVER_CORE, [tool('bare.mjs'), await recordAnswers(carillon, readings)])
  const ratios: Record<string, number> = {}
  const rows: (string | number)[][] = [
    ['', 'carillon req/s', 'bare req/s', 'carillon p99 ms', 'bare p99 ms', 'carillon CPU us', 'bare CPU us', 'CPU ratio'],
  ]
  for (const reading of readings) {
    const [ours, theirs] = await compare({ server: carillon, reading }, { server: bare, reading })
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
function makeSample(): string {
  const lines = (count: number): string => Array.from({ length: count }, (_, index) => `  key-${index}: value of key ${index}\n`).join('')
  return makeRepository(join(folder, 'repository'), [
    { path: 'small.yml', text: `small:\n${lines(40)}` },
    { path: 'large.yml', text: `large:\n${lines(1_350)}` },
  ])
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
