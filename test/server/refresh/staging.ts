import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Answered, ask, newFolder, start } from '../http/serving.js'
import { eventually } from '../trees/repositories.js'
import { type Heard, joinBus, type Member } from './ringing.js'

/** A server on a memory bus with an instance that listens. */
export interface Stage {
  readonly url: string
  readonly bus: string
  readonly folder: string
  readonly log: readonly string[]
  readonly member: Member
  readonly ask: (target: string, options?: Parameters<typeof ask>[2]) => Promise<Answered>
  /** Resolves when the server has made up its mind about a commit: it was announced, or concerns nobody. */
  readonly decided: (commit: string) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Staging {
  /** Lines below `spring.cloud.config.server`. */
  readonly settings: readonly string[]
  readonly folder?: string
  readonly bus?: string
  readonly flags?: Readonly<Record<string, string>>
  /** Called for each event before anything else happens; it may ask the server. */
  readonly onHeard?: (heard: Heard, stage: Pick<Stage, 'ask'>) => void
}

let stages = 0
const open: Stage[] = []

/** Closes every stage. */
export async function clearStages(): Promise<void> {
  for (const stage of open.splice(0).reverse()) await stage.close()
}

export async function stage({
  settings,
  folder = newFolder(),
  bus = `memory:stage-${stages++}`,
  flags = {},
  onHeard,
}: Staging): Promise<Stage> {
  const yml = ['spring.cloud.config.server:', ...settings.map((line) => `  ${line}`)].join('\n')
  const state: { ask?: Stage['ask'] } = {}
  const member = joinBus(bus, (heard) => state.ask !== undefined && onHeard?.(heard, { ask: state.ask }))
  await member.joined
  const server = await start(yml, folder, { 'carillon.bus.url': bus, ...flags })
  const port = Number(new URL(server.url).port)
  state.ask = (target, options) => ask(port, target, options)
  const staged: Stage = {
    url: server.url,
    bus,
    folder,
    log: server.log,
    member,
    ask: state.ask,
    decided: async (commit) => {
      await eventually(() => records(folder).some((text) => text.includes(commit)), Boolean, 8_000)
    },
    close: async () => {
      await server.close()
      await member.close()
    },
  }
  open.push(staged)
  return staged
}

function records(folder: string): readonly string[] {
  const announced = join(folder, 'data', 'announced')
  if (!existsSync(announced)) return []
  const names = readdirSync(announced).filter((name) => name.endsWith('.json') && name !== 'readers.json')
  return names.map((name) => readFileSync(join(announced, name), 'utf8'))
}
