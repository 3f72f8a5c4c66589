import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import http, { Agent, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { Layout } from './layouts.js'
import { cpuMilliseconds } from './memory.js'
import { launcher } from './places.js'
import { type Pinned, startPinned } from './processes.js'
import { importCommits } from './repositories.js'

/** A repository of one size, served by one engine. */
export interface Stage {
  readonly layout: Layout
  readonly engine: string
  /** The remote, as a folder and as an address. */
  readonly remote: string
  readonly url: string
  /** Where the server keeps what it has, from one start to the next. */
  readonly place: string
}

export const SERVER_CORE = 0
/** Nothing that is measured may take this long (ms). */
const LONGEST = 300_000

/** The numbers of commits that are made while measuring; those of the history are smaller. */
let nextCommit = 1_000_000

/** Starts the server of a stage. Commits come to it by hooks alone. */
export async function start({ place, url, engine, layout }: Stage, core: number | 'any' = SERVER_CORE): Promise<Pinned> {
  mkdirSync(place, { recursive: true })
  const settings = join(place, 'settings.yml')
  const paths = layout.searchPaths.map((path) => `'${path}'`).join(', ')
  writeFileSync(settings, `spring.cloud.config.server.git: { uri: '${url}', search-paths: [${paths}], refresh-rate: 3600, timeout: 60 }\n`)
  const own = ['--port', '0', '--data-folder', join(place, 'data'), '--set', `carillon.git.engine=${engine}`, '--bus', 'memory:bench']
  return startPinned(core, [launcher, 'serve', '--config', settings, ...own])
}

/** In ms: from the hook to the first answer and to the announcement, and the CPU time of all that. */
export interface TakenUp {
  readonly answered: number
  readonly announced: number
  readonly cpu: number
}

/** Makes a commit, tells of it, and waits until it is served and announced. */
export async function takeUp(server: Pinned, { layout, remote }: Stage): Promise<TakenUp> {
  const { written, view, proof } = layout.change(nextCommit++)
  const commit = await importCommits(remote, [[written]])
  const before = cpuMilliseconds(server.pid)
  const told = performance.now()
  await fetch(`${server.url}/webhooks/generic`, { method: 'POST' })
  await until(`${proof} in ${view}`, async () => (await get(server, view)).includes(proof))
  const answered = performance.now() - told
  await until(`the announcement of ${commit}`, async () => server.said().includes(`at ${commit.slice(0, 10)} to`))
  return { answered, announced: performance.now() - told, cpu: cpuMilliseconds(server.pid) - before }
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** The bytes of an answer, packed. Throws for any answer but 200. */
export async function ask({ url }: Pinned, path: string): Promise<Buffer> {
  // `fetch` took 0.7 ms of what was measured at p50, and 3 ms at p99: not the server's.
  const request = http.get(`${url}${path}`, { agent, headers: { 'accept-encoding': 'gzip' } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const bytes = await buffer(answer)
  if (answer.statusCode !== 200) throw new Error(`${path} was answered ${answer.statusCode}: ${textOf(bytes)}`)
  return bytes
}

export async function get(server: Pinned, path: string): Promise<string> {
  return textOf(await ask(server, path))
}

/** Small answers are not packed. */
function textOf(bytes: Buffer): string {
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()
}

/** Throws where it never comes to be so. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LONGEST; Date.now() < end; await pause(2)) if (await isSo()) return
  throw new Error(`not within ${LONGEST / 1000} s: ${what}`)
}
