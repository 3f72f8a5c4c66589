import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { HookDelivery } from './http/hooks.js'
import type { ChangeCounts } from './refresh/change-path.js'
import type { Ring } from './refresh/ring.js'
import type { OpenRepository } from './repositories.js'
import type { Look } from './trees/git/index.js'

/** Counts what happens between a push and the instances that apply it. Labels name repositories, hooks and outcomes; never an application, a key or an instance. */
export interface ChangeMetrics extends ChangeCounts {
  readonly onLooked: (repository: string, look: Look) => void
  readonly onDelivery: (delivery: HookDelivery) => void
}

/** Asked for its state when the metrics are read. */
export interface MeasuredState {
  readonly repositories: () => readonly OpenRepository[]
  /** `undefined` where there is no bus. */
  readonly bus: () => Pick<Ring, 'state'> | undefined
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function createChangeMetrics(registry: Registry): ChangeMetrics {
  const registers = [registry]
  const looks = new Histogram({
    name: 'carillon_git_fetch_duration_seconds',
    help: 'Time of a look at a repository, with the fetch where there was something new.',
    labelNames: ['repo', 'outcome'],
    buckets: BUCKETS,
    registers,
  })
  const deliveries = counter('carillon_webhook_deliveries_total', 'Deliveries to hooks, by what became of them.', ['provider', 'outcome'])
  const published = counter('carillon_refresh_published_total', 'Events that the broker has taken.', ['event'])
  const acks = counter('carillon_refresh_acks_total', 'Answers of instances to events; plain ones come from Spring members.', ['outcome'])

  function counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name, help, labelNames, registers })
  }
  return {
    onLooked: (repo, { outcome, seconds }) => looks.observe({ repo, outcome }, seconds),
    onDelivery: ({ hook, outcome }) => deliveries.inc({ provider: hook, outcome }),
    onPublished: (event) => published.inc({ event }),
    onAcknowledged: (outcome) => acks.inc({ outcome: outcome ?? 'plain' }),
  }
}

/** Registers what is known at the moment of reading. */
export function measureState(registry: Registry, { repositories, bus }: MeasuredState): void {
  const registers = [registry]
  new Gauge({
    name: 'carillon_git_last_success_timestamp_seconds',
    help: 'When the refs of a repository were last seen.',
    labelNames: ['repo'],
    registers,
    collect() {
      this.reset()
      const oldest = new Map<string, number>()
      // One that is open with two labels or users counts as it was seen longest ago.
      for (const { uri, tree } of repositories()) {
        const { lastFetch } = tree.status()
        if (lastFetch !== undefined) oldest.set(uri, Math.min(lastFetch, oldest.get(uri) ?? lastFetch))
      }
      for (const [repo, at] of oldest) this.set({ repo }, at / 1000)
    },
  })
  for (const [of, help] of [
    ['bytes', 'What the packs of the clones of a repository take on disk.'],
    ['packs', 'How many packs the clones of a repository have.'],
  ] as const) {
    new Gauge({
      name: `carillon_git_clone_${of}`,
      help,
      labelNames: ['repo'],
      registers,
      collect() {
        this.reset()
        for (const { uri, tree } of repositories()) this.inc({ repo: uri }, tree.status().disk?.[of] ?? 0)
      },
    })
  }
  new Gauge({
    name: 'carillon_bus_connected',
    help: '1 while the bus is connected, 0 while it is not; absent without a bus.',
    labelNames: [],
    registers,
    collect() {
      this.remove()
      const ring = bus()
      if (ring !== undefined) this.set(ring.state() === 'connected' ? 1 : 0)
    },
  })
}
