import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Rig } from '../tools/rig.js'
import type { Scenario } from './scenario.js'

interface HookFault {
  readonly name: string
  /** What becomes of the webhooks of some commits. */
  readonly make: (rig: Rig, value: string) => Promise<void>
}

const faults: readonly HookFault[] = [
  { name: 'webhook lost', make: async ({ repository }, value) => void (await repository.commit({ orders: value })) },
  {
    name: 'webhook delivered twice',
    make: async (rig, value) => {
      await rig.repository.commit({ orders: value })
      const id = randomUUID()
      const before = rig.heard()
      expectStatuses(rig, 202, [await rig.hint({ id }), await rig.hint({ id: randomUUID() })])
      await rig.converge('a doubled webhook')
      expectStatuses(rig, 200, [await rig.hint({ id })])
      await pause(300)
      if (rig.heard() !== before + 1) rig.fail(`a doubled webhook was announced ${rig.heard() - before} times`)
    },
  },
  {
    name: 'webhook late',
    make: async (rig, value) => {
      const { commit } = await rig.repository.commit({ orders: `${value} early` })
      await rig.repository.commit({ orders: value })
      await rig.hint()
      await rig.converge('a webhook in time')
      const before = rig.heard()
      await rig.hint({ commit })
      await pause(500)
      if (rig.heard() !== before) rig.fail('a late webhook was announced')
    },
  },
  {
    name: 'webhooks out of order',
    make: async (rig, value) => {
      const first = await rig.repository.commit({ orders: `${value} first` })
      const second = await rig.repository.commit({ orders: value, billing: value })
      await rig.hint({ commit: second.commit })
      await rig.hint({ commit: first.commit })
    },
  },
  {
    name: 'webhook forged',
    make: async (rig, value) => {
      await rig.repository.commit({ orders: value })
      expectStatuses(rig, 401, [await rig.hint({ token: 'a guess', commit: 'f'.repeat(40) })])
    },
  },
  {
    name: 'webhook of a commit that is not there',
    make: async (rig, value) => {
      await rig.repository.commit({ orders: value })
      await rig.hint({ commit: 'e'.repeat(40) })
    },
  },
]

function expectStatuses(rig: Rig, expected: number, statuses: readonly number[]): void {
  if (statuses.some((status) => status !== expected)) rig.fail(`webhooks were answered ${statuses.join(', ')}, expected ${expected}`)
}

/** What becomes of the word that a host sends. */
export const hookScenarios: readonly Scenario[] = faults.map(({ name, make }) => ({
  name,
  on: ['rabbitmq'],
  layout: 'one server',
  times: { few: 1, some: 3, full: 10 },
  make: (stage, time) => make(stage, `${name} ${time}`),
}))
