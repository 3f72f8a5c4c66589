import { setTimeout as pause } from 'node:timers/promises'
import type { Behaviour, GitHttpServer } from '../../test/tools/git-http.js'
import { judge, type Shown } from './agreement.js'
import type { ServedEngine } from './engines.js'
import { openPlace, type RemotePlace } from './places.js'
import { put, type Question, questionsOf } from './questions.js'

/** What a remote does wrong. Afterwards it is as it was, and whatever connections it left hanging go on hanging. */
export interface RemoteFault {
  readonly name: string
  readonly behaviour: Behaviour
  /** Whether the remote goes away, in the middle of it. */
  readonly vanishes?: true
}

/** What became of one fault, made `times` times. */
export interface RemoteOutcome {
  readonly name: string
  /** Reads that were answered, from beginning to end, while the server's question to the remote was open. */
  readonly inFlight: number
  /** Reads that were answered while the remote was gone. */
  readonly away: number
  readonly slowest: number
  /** From the remote's return to an answer from its newest commit (ms), each time. */
  readonly back: readonly number[]
  readonly violations: readonly string[]
}

/** Seconds between two looks, and of silence that are borne. */
const INTERVAL = 3
const TIMEOUT = 1
/** What a fetch itself may take on a machine that does much else (ms). */
const FETCHING = 1500
/** So that a fault that would be over at once can be seen while it lasts (ms). */
const HOLD = 500

export const REMOTE_FAULTS: readonly RemoteFault[] = [
  { name: 'hangs', behaviour: { kind: 'hang' } },
  { name: 'hangs before the pack', behaviour: { kind: 'hang', on: 'pack' } },
  { name: 'drips a byte a second', behaviour: { kind: 'trickle', every: 1000 } },
  { name: 'drips the pack', behaviour: { kind: 'trickle', every: 400, on: 'pack' } },
  { name: 'resets', behaviour: { kind: 'break', hold: HOLD } },
  { name: 'resets within the pack', behaviour: { kind: 'cut', hold: HOLD, on: 'pack' } },
  { name: 'answers 500', behaviour: { kind: 'status', status: 500, hold: HOLD } },
  { name: 'answers 401, then 200', behaviour: { kind: 'status', status: 401, hold: HOLD } },
  { name: 'sends garbage', behaviour: { kind: 'garbage', hold: HOLD } },
  { name: 'sends a damaged pack', behaviour: { kind: 'damage', hold: HOLD, on: 'pack' } },
  { name: 'vanishes, comes back', behaviour: { kind: 'hang' }, vanishes: true },
]

export interface RemoteRun {
  readonly fault: RemoteFault
  readonly times: number
  /** Reads in flight each time. */
  readonly reads: number
}

/** A server over a remote that faults can be made to, one after the other. */
export function openFragileRemote(engine: ServedEngine): Promise<RemotePlace> {
  return openPlace('remote', engine, { interval: INTERVAL, timeout: TIMEOUT })
}

/** Makes a fault to a remote. */
export async function runRemoteFault(place: RemotePlace, { fault, times, reads }: RemoteRun): Promise<RemoteOutcome> {
  const stage: Stage = { place, fault, reads, tally: { inFlight: 0, away: 0, slowest: 0, back: [], violations: [] } }
  for (let time = 0; time < times; time++) await makeFault(stage)
  return { name: fault.name, ...stage.tally }
}

interface Stage {
  readonly place: RemotePlace
  readonly fault: RemoteFault
  readonly reads: number
  readonly tally: { inFlight: number; away: number; slowest: number; readonly back: number[]; readonly violations: string[] }
}

async function makeFault(stage: Stage): Promise<void> {
  const { place, fault, reads, tally } = stage
  const { git, writers } = place
  const old = writers[0].number()
  git.behave(fault.behaviour)
  await writers[0].commit()
  await place.hint()
  for (let read = 0; read < reads; ) if (await readInFlight(stage, old)) read++
  if (fault.vanishes) {
    await git.vanish()
    for (const question of questionsOf(['left'], `away${old}`)) {
      await readOld(stage, question, old)
      tally.away++
    }
    await git.comeBack()
  }
  git.behave({ kind: 'serve' })
  await comeBack(stage)
}

/** One read; false where the server was not waiting for the remote all the time. */
async function readInFlight(stage: Stage, old: number): Promise<boolean> {
  const { tally, place } = stage
  const flight = await waitForFlight(stage)
  if (flight === undefined) return true
  const questions = questionsOf(['left'], tally.inFlight % 2 === 0 ? undefined : `x${tally.inFlight}`)
  await readOld(stage, questions[tally.inFlight % questions.length] as Question, old)
  if (!isOpen(place.git, flight)) return false
  tally.inFlight++
  return true
}

/** Which request of the server the remote has not answered yet: of a fault within the pack, a request for one. */
async function waitForFlight({ place: { git, hint }, fault, tally }: Stage): Promise<number | undefined> {
  for (const until = Date.now() + 20_000; Date.now() < until; await pause(5)) {
    const last = git.requests.length
    const isMeant = fault.behaviour.on !== 'pack' || git.requests[last - 1]?.method === 'POST'
    if (isMeant && isOpen(git, last)) return last
    if (!isOpen(git, last)) await hint()
  }
  tally.violations.push(`${fault.name}: the server did not ask the remote for 20 s`)
  return undefined
}

function isOpen(git: GitHttpServer, last: number): boolean {
  return git.pending() > 0 && git.requests.length === last
}

async function readOld({ place, fault, tally }: Stage, question: Question, old: number): Promise<void> {
  const started = performance.now()
  const shown = await put(place.url, question).catch(
    (error: Error): Shown => ({ ...question, status: 0, text: error.message, commits: [] }),
  )
  tally.slowest = Math.max(tally.slowest, performance.now() - started)
  const verdict = judge(shown, place.writers)
  if (verdict.kind !== 'whole') tally.violations.push(`${fault.name}: ${verdict.why}`)
  else if (verdict.numbers.get('left') !== old)
    tally.violations.push(`${fault.name}: ${question.target} shows ${verdict.numbers.get('left')} instead of ${old}`)
}

/** Nobody tells the server that the remote is back. */
async function comeBack({ place, fault, tally }: Stage): Promise<void> {
  const started = performance.now()
  const wanted = place.writers[0].number()
  const [question] = questionsOf(['left'])
  for (;;) {
    const verdict = judge(await put(place.url, question as Question), place.writers)
    const took = performance.now() - started
    if (verdict.kind === 'whole' && verdict.numbers.get('left') === wanted) {
      tally.back.push(took)
      if (took > INTERVAL * 1000 + FETCHING)
        tally.violations.push(`${fault.name}: the new commit came ${took.toFixed(0)} ms after the remote was back`)
      return
    }
    if (took > 60_000) throw new Error(`${fault.name}: the new commit did not come for a minute`)
    await pause(10)
  }
}
