import { setTimeout as pause } from 'node:timers/promises'
import type { FaultPoint } from '../../server/src/fault-points.js'
import type { MortalServer } from '../tools/server.js'
import type { Scenario, Stage } from './scenario.js'

type Phase = 'fetch' | 'store' | 'announce'

const POINTS: Readonly<Record<Phase, readonly FaultPoint[]>> = {
  fetch: ['fetch.after-list', 'fetch.before-pack', 'fetch.after-pack'],
  store: ['store.before-refs', 'store.after-head', 'store.after-refs', 'store.before-assign', 'store.after-assign'],
  announce: [
    'announce.before-publish',
    'announce.after-publish',
    'announce.before-record',
    'announce.within-record',
    'announce.after-record',
  ],
}

/** The only server there is dies: at each point of a phase, while it runs and, in the next turn, when it has just come up; and anywhere. */
export const serverScenarios: readonly Scenario[] = [
  ...(['fetch', 'store', 'announce'] as const).map((phase) => phaseScenario(phase)),
  {
    name: 'server killed anywhere',
    on: ['rabbitmq'],
    layout: 'one server',
    times: { few: 1, some: 3, full: 20 },
    make: async (stage) => {
      await stage.commit()
      await pause(Math.random() * 100)
      await serverOf(stage).kill()
      await stage.commit()
      await serverOf(stage).start()
    },
  },
]

function phaseScenario(phase: Phase): Scenario {
  const points = POINTS[phase]
  return {
    name: `server killed in ${phase}`,
    on: phase === 'announce' ? ['rabbitmq', 'kafka'] : ['rabbitmq'],
    layout: 'one server',
    times: { few: points.length, some: 2 * points.length, full: 4 * points.length },
    make: async (stage, time) => {
      const point = points[time % points.length] as FaultPoint
      const die = Math.floor(time / points.length) % 2 === 0 ? dieRunning : dieStarting
      await die(stage, point)
    },
  }
}

async function dieRunning(stage: Stage, point: FaultPoint): Promise<void> {
  serverOf(stage).dieAt(point)
  await stage.commit()
  await seeDeath(stage, point)
  await serverOf(stage).start()
}

/** The commit came while the server was away. */
async function dieStarting(stage: Stage, point: FaultPoint): Promise<void> {
  const server = serverOf(stage)
  await server.kill()
  await stage.commit()
  server.dieAt(point)
  await server.start()
  await seeDeath(stage, point)
  await server.start()
}

async function seeDeath(stage: Stage, point: FaultPoint): Promise<void> {
  const server = serverOf(stage)
  await Promise.race([server.died(), pause(20_000)])
  if (!server.isAlive()) return
  server.spare()
  stage.fail(`the server never passed ${point}`)
  await server.kill()
}

function serverOf({ servers: [server] }: Stage): MortalServer {
  if (server === undefined) throw new Error('there is no server')
  return server
}
