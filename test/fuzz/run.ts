import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '../tools/servers.js'
import type { Answer } from './ask.js'
import { compare, type Pair } from './compare.js'
import type { Request } from './requests.js'
import { createCommonFiles, createSeed, type Seed } from './seed.js'
import { askBoth, openStage, type Peer, type Stage } from './stage.js'
import { variants } from './variants.js'
import type { Workspace } from './workspace.js'

/** Which seeds to run; `only` names one variant of the settings. With `keep`, servers and repositories stay until `close` of the result. */
export interface FuzzOptions {
  readonly seeds: number
  readonly from?: number
  readonly only?: string | undefined
  readonly peer?: Peer
  readonly keep?: boolean
  /** Called while the servers of the difference still run. */
  readonly onDifference?: (difference: Difference) => void | Promise<void>
  readonly onStage?: (stage: Stage) => void
}

/** A request that the two servers answer differently. */
export interface Difference extends Pair {
  readonly seed: Seed
  readonly stage: Stage
}

/** What a run has seen; `statuses` counts Spring's answers, `sources` its property sources in environments. */
export interface FuzzResult extends Readonly<Tally> {
  readonly seeds: number
  close(): Promise<void>
}

/** Runs the seeds against Spring and Carillon, one pair of servers for each variant of the settings. Throws when a server does not start. */
export const runFuzz = async (options: FuzzOptions): Promise<FuzzResult> => {
  const { seeds: count, from = 1, only, peer = 'carillon', keep = false, onDifference = () => {}, onStage = () => {} } = options
  const chosen = Array.from({ length: count }, (_, index) => createSeed(from + index)).filter(
    ({ variant }) => only === undefined || variant.name === only,
  )
  const folder = mkdtempSync(join(tmpdir(), 'carillon-fuzz-'))
  const tally = createTally()
  const open: RunningServer[] = []
  const closeServers = async () => {
    await Promise.all(open.splice(0).map((server) => server.close()))
  }
  const close = async () => {
    await closeServers()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const variant of variants) {
      const seeds = chosen.filter((seed) => seed.variant === variant)
      if (seeds.length === 0) continue
      const stage = await openStage({ folder: join(folder, variant.name), variant, seeds, peer })
      open.push(stage.spring, stage.carillon)
      onStage(stage)
      for (const seed of seeds) for (const difference of await runSeed(stage, seed, tally)) await onDifference(difference)
      if (!keep) await closeServers()
    }
  } catch (error) {
    await close()
    throw error
  }
  if (!keep) await close()
  return { ...tally, seeds: chosen.length, close }
}

interface Tally {
  requests: number
  equal: number
  different: number
  readonly explained: Map<string, number>
  readonly statuses: Map<number, number>
  readonly sources: { environments: number; total: number }
}

const createTally = (): Tally => ({
  requests: 0,
  equal: 0,
  different: 0,
  explained: new Map(),
  statuses: new Map(),
  sources: { environments: 0, total: 0 },
})

const runSeed = async (stage: Stage, seed: Seed, tally: Tally): Promise<Difference[]> => {
  const differences: Difference[] = []
  const files = [...seed.files, ...seed.feature, ...seed.second, ...createCommonFiles()]
  for (const request of seed.requests.map((one) => withCommit(one, seed, stage.workspace))) {
    const pair = await askBoth(stage, request, files)
    const verdict = compare(pair)
    count(tally, pair.spring)
    if (verdict.kind === 'equal') tally.equal++
    if (verdict.kind === 'explained') tally.explained.set(verdict.reason, (tally.explained.get(verdict.reason) ?? 0) + 1)
    if (verdict.kind !== 'different') continue
    tally.different++
    differences.push({ ...pair, seed, stage })
  }
  return differences
}

const withCommit = (request: Request, seed: Seed, { commits }: Workspace): Request => {
  const commit = commits.get(`seed-${seed.number}`) ?? ''
  return { ...request, path: request.path.replace('{sha}', commit).replace('{short}', commit.slice(0, 9)) }
}

const count = (tally: Tally, { status, body }: Answer): void => {
  tally.requests++
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1)
  if (status !== 200 || !body.includes('"propertySources":')) return
  tally.sources.environments++
  tally.sources.total += body.toString('utf8').split('"source":').length - 1
}
