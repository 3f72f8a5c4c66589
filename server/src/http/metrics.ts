import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What the HTTP side counts. Labels are few and never hold a name, a key or a path. */
export interface Metrics {
  /** `seconds` is how long the server took; `route` one of the route kinds. */
  readonly answered: (request: AnsweredRequest) => void
  /** A tally for answers of one kind that were finished before they were asked for: adding to it is all that such an answer costs. */
  readonly tally: (route: string, status: number) => Tally
  /** The Prometheus text format. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

export interface AnsweredRequest {
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface Tally {
  count: number
}

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Adds the HTTP side to what a registry holds. */
export function createMetrics(registry = new Registry()): Metrics {
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request to its answer, for answers that were not finished before.',
    labelNames: ['route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  })
  const tallies = new Map<string, Tally & { readonly route: string; readonly status: string }>()
  new Counter({
    name: 'carillon_finished_answers_total',
    help: 'Requests whose answer was finished before they came.',
    labelNames: ['route', 'status'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { route, status, count } of tallies.values()) this.inc({ route, status }, count)
    },
  })
  return {
    answered: ({ route, status, seconds }) => durations.observe({ route, status: String(status) }, seconds),
    tally: (route, status) => {
      const key = `${route} ${status}`
      const tally = tallies.get(key) ?? { route, status: String(status), count: 0 }
      tallies.set(key, tally)
      return tally
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
