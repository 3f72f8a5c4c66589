import { setTimeout as pause } from 'node:timers/promises'
import type { Head } from '../tools/repository.js'
import type { Rig } from '../tools/rig.js'
import type { Scenario } from './scenario.js'

interface HistoryFault {
  readonly name: string
  readonly make: (rig: Rig, round: Round) => Promise<void>
}

interface Round {
  readonly value: string
  /** What was the head before. */
  readonly before: Head
}

const faults: readonly HistoryFault[] = [
  {
    name: 'a replica comes up behind and cannot fetch',
    make: async (rig) => {
      const replica = rig.servers.at(-1)
      await replica?.kill()
      await rig.commit()
      await rig.converge('a commit without the replica')
      rig.git.behave({ kind: 'status', status: 503 })
      await replica?.start()
      await pause(6_000)
      rig.git.behave({ kind: 'serve' })
    },
  },
  {
    name: 'force push: a new line',
    make: async (rig, { before, value }) => {
      await rig.commit()
      await rig.commit()
      await rig.converge('commits that will be lost')
      await rig.repository.rewrite(before, { orders: value })
      await rig.hint()
    },
  },
  {
    name: 'force push: back to an older commit',
    make: async (rig, { before }) => {
      await rig.commit()
      await rig.converge('a commit that will be taken back')
      await rig.repository.reset(before)
      await rig.hint()
    },
  },
  {
    name: 'A to B and back to A',
    make: async (rig, { before, value }) => {
      await rig.repository.commit({ orders: value })
      await rig.hint()
      if (value.endsWith('2') || value.endsWith('3')) await rig.converge('B')
      await rig.repository.commit({ orders: before.values.get('orders') ?? '' })
      await rig.hint()
    },
  },
]

/** Every second time the broker is away meanwhile. */
export const historyScenarios: readonly Scenario[] = faults.map(({ name, make }) => ({
  name,
  on: ['rabbitmq'],
  layout: 'two servers',
  times: { few: 2, some: 4, full: 10 },
  make: async (stage, time) => {
    const round = { value: `${name} ${time}`, before: stage.repository.head() }
    if (time % 2 === 0) return make(stage, round)
    stage.bed.broker.kill()
    await make(stage, round)
    await stage.bed.broker.start()
    await stage.connected()
  },
}))
