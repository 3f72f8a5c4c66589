import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findFreePort, type RunningServer, startServer } from '../tools/servers.js'
import { startSpringServer } from '../tools/spring/spring.js'
import { type Answer, ask } from './ask.js'
import type { Pair } from './compare.js'
import type { Request } from './requests.js'
import type { Seed } from './seed.js'
import type { Variant } from './variants.js'
import { createWorkspace, type Workspace } from './workspace.js'

/** Who answers beside Spring: Carillon, or a second Spring, where each difference is a fault of the fuzzer itself. */
export type Peer = 'carillon' | 'spring'

/** One variant of the settings with its repositories and two running servers. */
export interface Stage {
  readonly variant: Variant
  readonly seeds: readonly Seed[]
  readonly workspace: Workspace
  readonly spring: RunningServer
  readonly carillon: RunningServer
}

/** What a stage is made of; `folder` need not exist. */
export interface StagePlan {
  readonly folder: string
  readonly variant: Variant
  readonly seeds: readonly Seed[]
  readonly peer: Peer
}

/** Writes the repositories and starts both servers, each over its own copy. Throws with the ends of their logs. */
export const openStage = async ({ folder, variant, seeds, peer }: StagePlan): Promise<Stage> => {
  const workspace = createWorkspace(folder, variant, seeds)
  const config = (side: 'spring' | 'carillon') => {
    const file = join(folder, `${side}.yml`)
    writeFileSync(file, variant.settings(workspace[side]))
    return file
  }
  const other = peer === 'spring' ? startSpringServer({ config: config('carillon') }) : startCarillon(folder, config('carillon'))
  const started = await Promise.allSettled([startSpringServer({ config: config('spring') }), other])
  const [spring, carillon] = started.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined))
  if (spring && carillon) return { variant, seeds, workspace, spring, carillon }
  await Promise.all([spring?.close(), carillon?.close()])
  const reasons = started.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
  throw new Error(`the servers of variant "${variant.name}" did not start:\n${reasons.join('\n')}`)
}

/** Asks both servers at the same time; the folders of the two sides are made the same in their answers. */
export const askBoth = async (
  { variant, spring, carillon, workspace }: Stage,
  request: Request,
  files: Iterable<readonly [path: string, bytes: Buffer]>,
): Promise<Pair> => {
  const [wanted, got] = await Promise.all([ask(spring.url, request), ask(carillon.url, request)])
  return {
    request,
    spring: neutral(wanted, workspace.spring),
    carillon: neutral(got, workspace.carillon),
    variant: variant.name,
    blankSeparators: [...files].some(
      ([path, bytes]) => path.endsWith('.properties') && /^[#!]---[ \t]+\r?$/m.test(bytes.toString('latin1')),
    ),
  }
}

const startCarillon = async (folder: string, config: string): Promise<RunningServer> => {
  const port = await findFreePort()
  const launcher = resolve(import.meta.dirname, '../../cli/bin/carillon.js')
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true })
  const args = [launcher, 'serve', '--strict-compat', '--config', config, '--port', String(port), '--data-folder', data]
  // Its own data folder, so that runs beside this one share nothing.
  return startServer({
    name: 'Carillon',
    command: process.execPath,
    args,
    port,
    log: join(folder, 'carillon.log'),
    patience: 60_000,
  })
}

const neutral = (answer: Answer, folder: string): Answer =>
  answer.body.includes(folder) ? { ...answer, body: Buffer.from(answer.body.toString('utf8').replaceAll(folder, '/ROOT')) } : answer
