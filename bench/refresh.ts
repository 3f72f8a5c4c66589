/**
 * From a commit to its values in the last of many instances, each with a connection, a queue or group, and a read of its own, acks on; in turns with the
 * bare broker's fan-out of the same message to as many listeners, which read the same bytes from a bare server. The commit is there when Git has moved the
 * branch: the time of its file. `--commits N` (30), `--rabbitmq` or `--kafka` alone, `--sizes 1,100`.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { letGo, thisProcess, up } from '../scripts/brokers/fleet.mjs'
import { type Fanout, openKafkaFanout, openRabbitFanout } from './tools/fanout.js'
import { openInstances } from './tools/instances.js'
import { quantile, table } from './tools/numbers.js'
import { launcher, scratchFolder, tool } from './tools/places.js'
import { type Pinned, startPinned } from './tools/processes.js'

type Kind = 'rabbitmq' | 'kafka'

interface Measured {
  readonly name: string
  readonly told: readonly number[]
  readonly ours: readonly number[]
  readonly bare: readonly number[]
  readonly acks: string
}

const SIZES: Readonly<Record<Kind, readonly number[]>> = { rabbitmq: [1, 100, 500], kafka: [1, 100] }
/** Rounds that do not count: until both sides run compiled code. */
const WARM_UP = 15
const SERVER_CORE = 0
const { values: options } = parseArgs({
  options: { commits: { type: 'string' }, sizes: { type: 'string' }, rabbitmq: { type: 'boolean' }, kafka: { type: 'boolean' } },
})
const commits = Number(options.commits ?? 30)
const kinds = (['rabbitmq', 'kafka'] as const).filter((kind) => options[kind] || !(options.rabbitmq || options.kafka))
const run = promisify(execFile)

const folder = scratchFolder()
const holder = thisProcess()
process.once('exit', () => letGo(holder))
await main()
process.exit()

async function main(): Promise<void> {
  const { brokers, missing } = await up(holder, { say: (text) => console.error(text) })
  const measured: Measured[] = []
  for (const kind of kinds) {
    const url = brokers[kind]?.url
    if (url === undefined) throw new Error(missing.join('\n'))
    measured.push(...(await measureBroker(kind, url)))
  }
  report(measured)
}

async function measureBroker(kind: Kind, bus: string): Promise<readonly Measured[]> {
  const repository = await makeRepository(join(folder, kind))
  const data = join(folder, `${kind}-data`)
  const carillon = await startPinned(SERVER_CORE, [launcher, 'serve', repository.path, '--port', '0', '--data-folder', data, '--bus', bus])
  const bare = await startPinned(SERVER_CORE, [tool('bare.mjs'), await recordAnswer(carillon, kind)])
  const measured: Measured[] = []
  const sizes = options.sizes === undefined ? SIZES[kind] : options.sizes.split(',').map(Number)
  for (const count of sizes) measured.push(await measure({ kind, count, bus, repository, carillon, bare }))
  await Promise.all([carillon.stop(), bare.stop()])
  return measured
}

interface Setting {
  readonly kind: Kind
  readonly count: number
  readonly bus: string
  readonly repository: Repository
  readonly carillon: Pinned
  readonly bare: Pinned
}

async function measure({ kind, count, bus, repository, carillon, bare }: Setting): Promise<Measured> {
  const open = kind === 'rabbitmq' ? openRabbitFanout : openKafkaFanout
  const instances = await openInstances({ bus, count, address: `${carillon.url}/bench/prod` })
  const fanout: Fanout = await open({ bus, count, address: `${bare.url}/bench/prod` })
  const rounds: { readonly told: number; readonly ours: number; readonly bare: number }[] = []
  for (let round = 0; round < WARM_UP + commits; round++) {
    const value = `${count} instances, ${round}`
    const reached = instances.until(value)
    const committed = await repository.commit(value)
    const { told, applied } = await inTime(reached, `${kind}, ${count} instances`)
    // The acks are still on their way.
    await pause(300)
    const sent = Date.now()
    const read = await inTime(fanout.send(instances.lastEvent()), `bare ${kind}, ${count} listeners`)
    rounds.push({ told: told - committed, ours: applied - committed, bare: read - sent })
    await pause(100)
  }
  const acks = `${instances.acks()}/${count * (WARM_UP + commits)}`
  await Promise.all([instances.close(), fanout.close()])
  const counted = rounds.slice(WARM_UP)
  const of = (pick: (round: (typeof rounds)[number]) => number): readonly number[] => counted.map((round) => Math.round(pick(round)))
  return { name: `${kind}, ${count}`, told: of(({ told }) => told), ours: of(({ ours }) => ours), bare: of((round) => round.bare), acks }
}

function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  const late = pause(60_000, undefined, { ref: false }).then(() => Promise.reject(new Error(`${what}: not all were reached within 60 s`)))
  return Promise.race([work, late])
}

interface Repository {
  readonly path: string
  /** The time (ms since 1970) at which the branch had the commit. */
  readonly commit: (value: string) => Promise<number>
}

/** An environment of about 2 kB for each instance. */
async function makeRepository(path: string): Promise<Repository> {
  mkdirSync(path)
  const git = (...args: readonly string[]) =>
    run('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', ...args], { cwd: path })
  const lines = Array.from({ length: 40 }, (_, index) => `  key-${index}: value of key ${index}\n`).join('')
  const write = (value: string): void => writeFileSync(join(path, 'bench.yml'), `bench:\n  value: "${value}"\n${lines}`)
  write('none')
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-q', '-m', 'bench')
  return {
    path,
    commit: async (value) => {
      write(value)
      await git('commit', '-q', '-a', '-m', value)
      return statSync(join(path, '.git/refs/heads/main')).mtimeMs
    },
  }
}

/** What Carillon sends, compressed as it is, for the bare server to send again. */
async function recordAnswer({ url }: Pinned, kind: Kind): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    get(`${url}/bench/prod`, { headers: { 'accept-encoding': 'gzip' } }, resolve).on('error', reject),
  )
  const body = await buffer(answer)
  const headers = Object.fromEntries(
    Object.entries(answer.headers).filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)),
  )
  const file = join(folder, `${kind}.json`)
  const recorded = { status: answer.statusCode, headers, body: body.toString('base64'), encoding: 'base64' }
  writeFileSync(file, JSON.stringify({ '/bench/prod': recorded }))
  return file
}

function report(measured: readonly Measured[]): void {
  const head = [
    'instances',
    'first told p50',
    'p50 ms',
    'p99 ms',
    'bare p50',
    'bare p99',
    'ratio p50',
    'limit p50',
    'limit p99',
    'within',
    'acks',
  ]
  const lines = measured.map(({ name, told, ours, bare, acks }) => {
    const [p50, p99, bare50, bare99] = [quantile(ours, 0.5), quantile(ours, 0.99), quantile(bare, 0.5), quantile(bare, 0.99)]
    const [limit50, limit99] = [bare50, bare99].map((time) => 2 * time + 50) as [number, number]
    const within = p50 <= limit50 && p99 <= limit99
    return { name, acks, within, told: quantile(told, 0.5), p50, p99, bare50, bare99, ratio: p50 / bare50, limit50, limit99 }
  })
  const row = ({ name, told, p50, p99, bare50, bare99, ratio, limit50, limit99, within, acks }: (typeof lines)[number]) => [
    ...[name, told, p50, p99, bare50, bare99, ratio, limit50, limit99],
    within ? 'yes' : 'NO',
    acks,
  ]
  console.log(table([head, ...lines.map(row)]))
  console.log(`\n${commits} commits each after ${WARM_UP} to warm up; limit: 2x the bare fan-out and reads, plus 50 ms`)
  const results = lines.map(({ name, p50, p99, bare50, bare99, ratio, limit50, limit99, within }) => [
    name.replace(', ', '_'),
    { p50, p99, bare_p50: bare50, bare_p99: bare99, ratio: Math.round(ratio * 100) / 100, limit_p50: limit50, limit_p99: limit99, within },
  ])
  console.log(JSON.stringify({ bench: 'refresh', commits, ...Object.fromEntries(results) }))
}
