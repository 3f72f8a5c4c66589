import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'amqplib'
import type { Rig } from '../tools/rig.js'
import type { Scenario, Stage } from './scenario.js'

/** Longer than the missed heartbeats that end a connection (ms). */
const FROZEN = 8_000

type BrokerFault = Pick<Scenario, 'name' | 'times' | 'make'> & Partial<Scenario>

const faults: readonly BrokerFault[] = [
  {
    name: 'broker killed and restarted',
    on: ['rabbitmq', 'kafka'],
    times: { few: 1, some: 3, full: 20 },
    make: async (stage) => {
      const { broker } = stage.bed
      const writing = keepCommitting(stage)
      await pause(500)
      broker.kill()
      await pause(1_000)
      await broker.start()
      await pause(500)
      await writing.stop()
    },
  },
  {
    name: 'channel error: exchange deleted',
    times: { few: 1, some: 2, full: 20 },
    make: async (stage) => {
      const connection = await connect(stage.bed.broker.url)
      const channel = await connection.createChannel()
      await channel.deleteExchange('springCloudBus')
      await connection.close()
      await stage.commit()
    },
  },
  {
    name: 'channels killed',
    times: { few: 1, some: 2, full: 20 },
    make: async (stage) => {
      await stage.bed.broker.control('eval', '[exit(P, kill) || P <- rabbit_channel:list()].')
      await stage.commit()
    },
  },
  {
    name: 'queues deleted',
    times: { few: 1, some: 2, full: 20 },
    make: async (stage) => {
      const writing = keepCommitting(stage)
      await pause(200)
      await stage.bed.broker.control('eval', '[rabbit_amqqueue:delete(Q, false, false, <<"faults">>) || Q <- rabbit_amqqueue:list()].')
      await writing.stop()
    },
  },
  {
    name: 'broker takes no messages',
    times: { few: 1, some: 2, full: 10 },
    make: async (stage) => {
      await stage.bed.broker.control('set_vm_memory_high_watermark', '0')
      await stage.commit()
      await pause(1_000)
      await stage.bed.broker.control('set_vm_memory_high_watermark', '0.4')
    },
  },
  {
    name: 'broker frozen (SIGSTOP)',
    on: ['rabbitmq', 'kafka'],
    times: { few: 1, some: 2, full: 10 },
    make: (stage, time) => frozen(stage, { ...stage.bed.broker, time }),
  },
  {
    name: "instances' connections frozen",
    layout: 'slow instances',
    times: { few: 1, some: 2, full: 10 },
    make: (stage, time) => frozen(stage, { ...stage.way, time }),
  },
  {
    name: "servers' connections frozen",
    layout: 'slow servers',
    times: { few: 1, some: 2, full: 10 },
    make: (stage, time) => frozen(stage, { ...stage.way, time }),
  },
]

/** What happens to a broker, or to the way there, while commits come. */
export const brokerScenarios: readonly Scenario[] = faults.map((fault) => ({ on: ['rabbitmq'], layout: 'two servers', ...fault }))

interface Freezing {
  readonly freeze: () => void
  readonly thaw: () => void
  readonly cut?: () => void
  readonly time: number
}

/** Long enough to be noticed, and every second time not; every third time connections do not live on. */
async function frozen(stage: Stage, { freeze, thaw, cut, time }: Freezing): Promise<void> {
  freeze()
  await stage.commit()
  await pause(time % 2 === 0 ? FROZEN : 2_000)
  await stage.commit()
  thaw()
  if (time % 3 === 2) cut?.()
}

interface Writing {
  readonly stop: () => Promise<void>
}

function keepCommitting(rig: Rig): Writing {
  let isStopped = false
  const write = async (): Promise<void> => {
    for (; !isStopped; await pause(250)) await rig.commit()
  }
  const written = write()
  return {
    stop: () => {
      isStopped = true
      return written
    },
  }
}
