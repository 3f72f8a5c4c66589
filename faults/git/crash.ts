import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { FaultPoint } from '../../server/src/fault-points.js'
import { judge } from './agreement.js'
import type { ServedEngine } from './engines.js'
import { openPlace, type RemotePlace } from './places.js'
import { put, questionsOf } from './questions.js'

/** What a server was doing when it died. */
export type Phase = 'clone' | 'fetch' | 'repack' | 'take-up'
export const PHASES: readonly Phase[] = ['clone', 'fetch', 'repack', 'take-up']

/** What became of deaths in one phase. */
export interface CrashOutcome {
  readonly deaths: number
  /** From the next start to a right answer (ms). */
  readonly healed: readonly number[]
  readonly violations: readonly string[]
}

export interface CrashRun {
  readonly phase: Phase
  readonly engine: ServedEngine
  /** How many deaths; the points of a phase take turns. */
  readonly deaths: number
}

const PATIENCE = 20_000
const run = promisify(execFile)

/** The points of a phase, in the order in which they are passed. */
export function pointsOf(phase: Phase, { packPoints }: ServedEngine): readonly FaultPoint[] {
  const store: readonly FaultPoint[] = ['store.before-refs', 'store.after-head', 'store.after-refs']
  const assign: readonly FaultPoint[] = ['store.before-assign', 'store.after-assign']
  switch (phase) {
    case 'clone':
      return [
        ...(['fetch.after-list', 'clone.before-pack', ...packPoints, 'clone.after-pack', ...store] as const),
        ...(['clone.before-place', 'clone.within-place', 'clone.after-place', ...assign] as const),
      ]
    case 'fetch':
      return ['fetch.after-list', 'fetch.before-pack', ...packPoints, 'fetch.after-pack']
    case 'repack':
      return [
        ...(['repack.before-pack', 'repack.after-pack', 'repack.within-place', 'repack.after-place'] as const),
        ...(['repack.within-removal', 'repack.after-removal'] as const),
      ]
    case 'take-up':
      return [...store, ...assign]
    default:
      return phase satisfies never
  }
}

/** Kills a server (SIGKILL) at the points of a phase, and starts it again each time: it has to give a right answer without help. */
export async function runCrashes({ phase, engine, deaths }: CrashRun): Promise<CrashOutcome> {
  const place = await openPlace('remote', phase === 'repack' ? repacking(engine) : engine)
  const points = pointsOf(phase, engine)
  const stage: Stage = { place, violations: [], healed: [] }
  try {
    for (let death = 0; death < deaths; death++) {
      // With few deaths, those of all the phase: every second point, say.
      const point = points[Math.floor((death * Math.max(points.length / deaths, 1)) % points.length)] as FaultPoint
      await dieOnce(stage, { phase, point, turn: Math.floor(death / points.length) })
    }
    return { deaths, healed: stage.healed, violations: stage.violations }
  } finally {
    await place.close()
  }
}

/** After each fetch there are too many packs. */
function repacking(engine: ServedEngine): ServedEngine {
  return { ...engine, args: [...engine.args, '--set', 'carillon.git.max-packs=1'] }
}

interface Stage {
  readonly place: RemotePlace
  readonly violations: string[]
  readonly healed: number[]
}

interface Death {
  readonly phase: Phase
  readonly point: FaultPoint
  /** How often this point had its turn before. */
  readonly turn: number
}

async function dieOnce(stage: Stage, death: Death): Promise<void> {
  const { place, violations } = stage
  const where = `${death.phase}, ${death.point}, turn ${death.turn}`
  const old = place.writers[0].number()
  if (!(await (death.phase === 'clone' ? dieCloning(place, death) : dieFetching(place, death))))
    violations.push(`${where}: the server never passed it`)
  // A server that has a clone needs nobody to answer; where it died making the first one, it needs the remote.
  if (death.phase !== 'clone' && death.turn % 2 === 1) place.git.behave({ kind: 'hang' })
  const started = performance.now()
  if (!(await place.server.start())) violations.push(`${where}: the server does not start again`)
  stage.healed.push(performance.now() - started)
  for (const problem of await wrongAnswers(place, [old, place.writers[0].number()])) violations.push(`${where}: ${problem}`)
  place.git.behave({ kind: 'serve' })
  await place.writers[0].commit()
  await place.hint()
  for (const problem of [...(await missing(place)), ...(await lasting(() => damage(place)))]) violations.push(`${where}: ${problem}`)
}

/** In the first turn there is no clone; in the next, one that is damaged. */
async function dieCloning({ server, clones }: RemotePlace, { point, turn }: Death): Promise<boolean> {
  await server.kill()
  if (turn % 2 === 0) await rm(clones, { recursive: true, force: true })
  else for (const clone of await readdir(clones)) await rm(join(clones, clone, 'objects/pack'), { recursive: true, force: true })
  server.dieAt(point)
  await server.start()
  return isDead({ server })
}

async function dieFetching(place: RemotePlace, { point }: Death): Promise<boolean> {
  place.server.dieAt(point)
  await place.writers[0].commit()
  // It may die before it has answered.
  await place.hint().catch(() => undefined)
  return isDead(place)
}

async function isDead({ server }: Pick<RemotePlace, 'server'>): Promise<boolean> {
  await Promise.race([server.died(), pause(PATIENCE)])
  if (!server.isAlive()) return true
  server.spare()
  await server.kill()
  return false
}

/** What is wrong with the answers in all formats, where these numbers are right. */
async function wrongAnswers({ url, writers }: RemotePlace, right: readonly number[]): Promise<readonly string[]> {
  const problems: string[] = []
  for (const question of questionsOf(['left'])) {
    const verdict = judge(await put(url, question), writers)
    const number = verdict.kind === 'whole' ? (verdict.numbers.get('left') ?? 0) : 0
    if (verdict.kind !== 'whole') problems.push(verdict.why)
    else if (!right.includes(number)) problems.push(`${question.target} shows ${number}, and ${right.join(' or ')} is right`)
  }
  return problems
}

/** Whether the server goes on to take up what is committed now. */
async function missing(place: RemotePlace): Promise<readonly string[]> {
  return lasting(() => wrongAnswers(place, [place.writers[0].number()]))
}

/** What is still wrong after a while. */
async function lasting(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (const until = Date.now() + PATIENCE; ; await pause(20)) {
    const problems = await find()
    if (problems.length === 0 || Date.now() > until) return problems
  }
}

/** What Git has against the clone, and what lies beside it. */
async function damage({ clones }: RemotePlace): Promise<readonly string[]> {
  const names = await readdir(clones)
  if (names.length !== 1) return [`expected the clone alone, found ${names.join(' ')}`]
  const gitdir = join(clones, names[0] ?? '')
  const found = await run('git', ['--git-dir', gitdir, 'fsck', '--full', '--no-dangling']).then(
    () => [],
    (error: Error) => [`git fsck says: ${error.message}`],
  )
  const incoming = await readdir(join(gitdir, 'incoming')).catch(() => [])
  return [...found, ...incoming.map((name) => `left behind: incoming/${name}`)]
}
