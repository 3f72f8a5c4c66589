import type { FragileBroker } from '../tools/broker.js'
import { openProxy } from '../tools/proxy.js'
import { openRig, type Rig, type Tally } from '../tools/rig.js'

/** How often each fault is made: `few` is for a test, `full` what the project asks for. */
export type Scale = 'few' | 'some' | 'full'

/** What faults are made to. */
export interface Bed {
  readonly kind: 'rabbitmq' | 'kafka'
  readonly broker: FragileBroker
  readonly scale: Scale
}

/** What a scenario needs: one server or two that take turns, or two whose way to the broker, or that of the instances, can be frozen. */
export type Layout = 'one server' | 'two servers' | 'slow servers' | 'slow instances'

/** A rig on a bed. */
export interface Stage extends Rig {
  readonly bed: Bed
  /** The way to the broker that can be frozen. */
  readonly way: { readonly freeze: () => void; readonly thaw: () => void; readonly cut: () => void }
}

/** One kind of fault. */
export interface Scenario {
  readonly name: string
  readonly on: readonly Bed['kind'][]
  readonly layout: Layout
  readonly times: Readonly<Record<Scale, number>>
  /** Makes the fault, and mends it; `time` counts from 0. */
  readonly make: (stage: Stage, time: number) => Promise<void>
}

export interface Outcome extends Tally {
  readonly faults: number
}

/** How many instances there are. */
const MEMBERS = { rabbitmq: { few: 8, some: 12, full: 24 }, kafka: { few: 4, some: 8, full: 8 } } as const

/** Builds what a scenario needs. */
export async function openStage(bed: Bed, layout: Layout): Promise<Stage> {
  const { kind, broker, scale } = bed
  const direct = kind === 'rabbitmq' ? `${broker.url}?heartbeat=2` : broker.url
  const way = await openProxy(Number(new URL(broker.url).port))
  const slow = direct.replace(/:\d+/, `:${way.port}`)
  const rig = await openRig({
    bus: layout === 'slow servers' ? slow : direct,
    memberBus: layout === 'slow instances' ? slow : direct,
    servers: layout === 'one server' ? 1 : 2,
    members: MEMBERS[kind][scale],
    polls: layout === 'one server' ? 'forbidden' : 'counted',
  })
  const close = async (): Promise<Tally> => {
    const tally = await rig.close()
    await way.close()
    return tally
  }
  return { ...rig, bed, way, close }
}

/** Makes the fault once and waits until everything is well again. */
export async function makeFault({ name, make }: Scenario, stage: Stage, time: number): Promise<void> {
  await make(stage, time)
  await stage.converge(`${name}, ${time + 1}`)
  await stage.connected()
}

/** Makes the fault as often as the bed's scale says, with servers and instances of its own. */
export async function runScenario(scenario: Scenario, bed: Bed): Promise<Outcome> {
  const faults = scenario.times[bed.scale]
  const stage = await openStage(bed, scenario.layout)
  for (let time = 0; time < faults; time++) await makeFault(scenario, stage, time)
  return { faults, ...(await stage.close()) }
}
