/**
 * The two brokers together: those that are named, else those that run already, else new ones. Whoever uses them holds them; with the last holder they go. So
 * two test runs share one pair, and neither takes it from the other.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { containerRuns, engineComplaint, imageComplaint, startContainer, stopContainer } from './containers.mjs'
import { prepareKafka, startKafka } from './kafka.mjs'
import { isAlive, signal } from './processes.mjs'
import { prepareRabbit, startRabbit } from './rabbit.mjs'
import { isSameHolder, lock, lockSync, readState, thisProcess, writeState } from './state.mjs'

export { account } from './kafka.mjs'
export { controlRabbit } from './rabbit.mjs'
export { thisProcess, USER } from './state.mjs'

const cache = resolve(import.meta.dirname, '../../.cache/brokers')

const kinds = {
  rabbitmq: { variable: 'RABBITMQ_URL', urlOf: (text) => text, prepare: prepareRabbit, start: startRabbit },
  kafka: {
    variable: 'KAFKA_BROKERS',
    urlOf: (text) => (text.includes('://') ? text : `kafka://${text}`),
    prepare: prepareKafka,
    start: startKafka,
  },
}

/**
 * Brings brokers up for a holder: `{ brokers: { rabbitmq, kafka }, missing: [why one is not there] }`. Idempotent. With `fetch: 'never'` only what is on this
 * machine already: nothing is installed and no image pulled.
 */
export async function up(holder, { say = () => {}, names = Object.keys(kinds), fetch = 'missing' } = {}) {
  const release = await lock(cache)
  try {
    const state = withoutOrphans(readState(cache))
    const brokers = {}
    const missing = []
    const bring = async (name) => {
      try {
        // What is named belongs to somebody else: it is neither remembered nor stopped.
        brokers[name] = named(name)
        if (brokers[name]) return
        const broker = running(state, name) ?? (await beginAgain(name, state.brokers[name], { say, fetch }))
        brokers[name] = broker
        state.brokers[name] = broker
      } catch (error) {
        delete state.brokers[name]
        missing.push(error.message)
      }
    }
    await Promise.all(names.map(bring))
    const isOurs = Object.values(brokers).some((broker) => broker !== undefined && broker.kind !== 'named')
    if (isOurs && !state.holders.some((each) => isSameHolder(each, holder))) state.holders.push(holder)
    writeState(cache, state)
    return { brokers, missing }
  } finally {
    release()
  }
}

/** Lets go; stops what was started when nobody else holds it. Works to the end without waiting for the event loop, so it may run while a process exits. */
export function letGo(holder) {
  const release = lockSync(cache)
  try {
    const state = withoutOrphans(readState(cache))
    const holders = state.holders.filter((each) => !isSameHolder(each, holder))
    if (holders.length === 0) for (const broker of Object.values(state.brokers)) stop(broker)
    writeState(cache, { ...state, holders, brokers: holders.length === 0 ? {} : state.brokers })
    return { stopped: holders.length === 0 ? Object.values(state.brokers) : [], holders }
  } finally {
    release()
  }
}

/** What runs and where, without touching anything. */
export function status() {
  const state = readState(cache)
  return Object.keys(kinds).map((name) => ({ name, ...(named(name) ?? running(state, name)) }))
}

/** A broker of its own for a test that breaks it, in a folder that goes with it; native only; with `tls` it has TLS ports too. Throws what is missing. */
export async function startPrivate(name, { tls } = {}) {
  const { prepare, start } = kinds[name]
  await changed(() => prepare({ cache, say: () => {}, fetch: 'missing' }))
  const broker = await start({ cache, folder: mkdtempSync(join(tmpdir(), `carillon-${name}-`)), tls })
  return remember(broker)
}

/** Starts a private broker again: same ports, same data, and further lines of rabbitmq.conf. What is left of it goes first, a frozen one too. */
export async function restart({ name, ports, folder, tls, processes }, settings) {
  for (const one of processes) signal(one, 'SIGKILL')
  while (processes.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10))
  return remember(await kinds[name].start({ cache, folder, ports, tls, settings }))
}

/** Sends SIGKILL, SIGSTOP or SIGCONT to the server of a native broker. */
export function send({ processes: [server] }, name) {
  signal(server, name)
}

/** The address of a broker for the screen. */
export function withoutSecret(url) {
  return url.replace(/\/\/.*@/, '//')
}

/** Stops a broker and removes its data. */
export function stop(broker) {
  if (broker.kind === 'named') return
  if (broker.kind === 'container') return stopContainer(broker)
  for (const one of broker.processes) signal(one, 'SIGKILL')
  rmSync(broker.folder, { recursive: true, force: true, maxRetries: 5 })
}

/** So that whoever comes next can stop it when this process is killed. */
async function remember(broker) {
  await changed((state) => {
    const others = state.privates.filter(({ folder }) => folder !== broker.folder)
    return { ...state, privates: [...others, { ...broker, holder: thisProcess() }] }
  })
  return broker
}

function withoutOrphans(state) {
  const [held, orphans] = [true, false].map((alive) => state.privates.filter(({ holder }) => isAlive(holder) === alive))
  for (const broker of orphans) stop(broker)
  return { ...state, privates: held }
}

/** Changes what is known, alone. */
async function changed(change) {
  const release = await lock(cache)
  try {
    const state = withoutOrphans(readState(cache))
    writeState(cache, change(state) ?? state)
  } finally {
    release()
  }
}

function named(name) {
  const { variable, urlOf } = kinds[name]
  const text = process.env[variable]
  return text ? { name, kind: 'named', url: urlOf(text), variable } : undefined
}

function running(state, name) {
  const broker = state.brokers[name]
  if (broker === undefined) return undefined
  const runs = broker.kind === 'container' ? containerRuns(broker) : isAlive(broker.processes[0])
  return runs ? broker : undefined
}

async function beginAgain(name, fallen, options) {
  // What fell over may have left a process beside it.
  if (fallen !== undefined) stop(fallen)
  return { ...(await begin(name, options)), since: new Date().toISOString() }
}

async function begin(name, { say, fetch }) {
  const { variable, prepare, start } = kinds[name]
  const complaints = [`${variable} is not set`]
  const engine = engineComplaint() ?? (fetch === 'never' ? imageComplaint(name) : undefined)
  try {
    if (engine === undefined) return await startContainer(name)
    complaints.push(`no container (docker: ${engine})`)
  } catch (error) {
    complaints.push(error.message)
  }
  try {
    prepare({ cache, say, fetch })
    say(`Starting ${name} …`)
    const folder = join(cache, name)
    rmSync(folder, { recursive: true, force: true })
    return await start({ cache, folder })
  } catch (error) {
    throw new Error([`No ${name}:`, ...complaints, error.message].join('\n  - '), { cause: error })
  }
}
