import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What the HTTP side counts. Labels are few and never hold a name, a key or a path. */
export interface Metrics {
  /** `seconds` is how long the server took; `route` one of the route kinds. */
  readonly answered: (request: { readonly route: string; readonly status: number; readonly seconds: number }) => void
  /** An answer that was finished before it was asked for. */
  readonly hit: () => void
  readonly text: () => Promise<string>
  readonly contentType: string
}

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  })
  const hits = new Counter({
    name: 'carillon_finished_answers_total',
    help: 'Answers that were ready before they were asked for.',
    registers: [registry],
  })
  return {
    answered: ({ route, status, seconds }) => durations.labels(route, String(status)).observe(seconds),
    hit: () => hits.inc(),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
