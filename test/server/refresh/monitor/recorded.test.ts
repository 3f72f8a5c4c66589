import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { receiveMonitor } from '../../../../server/src/refresh/monitor/receive.js'
import { monitorOptions } from './options.js'

interface Recorded {
  readonly name: string
  readonly request: { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string }
  readonly answer: { readonly status: number; readonly body?: string }
  readonly events: readonly string[]
}

/** What a real Spring Cloud Config Server answered and announced (conformance/bus). */
const recorded = JSON.parse(readFileSync(new URL('monitor.json', import.meta.url), 'utf8')) as readonly Recorded[]

describe('receiveMonitor: as recorded from Spring', () => {
  // Methods are the affair of the HTTP side, whose test has these rows.
  for (const { name, request, answer, events } of recorded.filter((row) => row.request.method === 'POST')) {
    it(name, () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key.toLowerCase(), value]))
      const body = Buffer.from(request.body ?? '')
      const result = receiveMonitor({ headers, body, caller: 'anyone', query: '' }, monitorOptions())
      // Where Spring breaks down the sender is told what is wrong.
      expect(result.status).to.equal(answer.status === 500 ? 400 : answer.status)
      if (answer.body !== undefined) expect(result.body).to.deep.equal(JSON.parse(answer.body))
      expect((result.hint?.names ?? []).map(destination)).to.deep.equal(events)
    })
  }
})

/** The sender's normalisation (spring-compat 7.4). */
function destination(name: string): string {
  return name === '**' || name.endsWith(':**') || name.split(':').length > 2 ? name : `${name}:**`
}
