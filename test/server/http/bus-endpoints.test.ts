import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openTransport } from '@carillon/bus'
import { expect } from 'chai'
import { createBusEndpoints } from '../../../server/src/http/bus-endpoints.js'
import { problemOf } from '../../../server/src/http/problem.js'
import { joinRing } from '../../../server/src/refresh/ring.js'
import { clearStages, type Stage, stage } from '../refresh/staging.js'
import { makeRepository } from '../trees/repositories.js'
import { type Answered, type AskOptions, ask, clearServing, newFolder } from './serving.js'

const json = { 'content-type': 'application/json' }
const exposed = { 'management.endpoints.web.exposure.include': 'health,busrefresh,busenv' }
const values = '{"name":"k","value":"v"}'

const open = (flags: Readonly<Record<string, string>> = exposed): Promise<Stage> =>
  stage({ settings: [`git.uri: file://${makeRepository(newFolder(), { 'shop.yml': 'a: 1\n' })}`], flags })

/** Not for the whole run: a hook outside of suites would be every suite's. */
const clear = async () => {
  await clearStages()
  await clearServing()
}

describe('createBusEndpoints', () => {
  afterEach(clear)

  const sent: readonly (readonly [string, AskOptions, string])[] = [
    ['/actuator/busrefresh', {}, '**'],
    ['/actuator/busrefresh/', {}, '**'],
    ['/actuator/busrefresh', { headers: json, body: '{}' }, '**'],
    ['/actuator/busrefresh', { headers: { 'content-length': '0', 'content-type': 'text/plain' } }, '**'],
    ['/actuator/busrefresh', { headers: { 'transfer-encoding': 'chunked' } }, '**'],
    ['/actuator/busrefresh/shop', {}, 'shop:**'],
    ['/actuator/busrefresh/shop/', {}, 'shop:**'],
    ['/actuator/busrefresh/shop/8081', {}, 'shop:8081:**'],
    ['/actuator/busrefresh/shop:8081', {}, 'shop:8081:**'],
    ['/actuator/busrefresh/shop%3A8081', {}, 'shop:8081:**'],
    ['/actuator/busrefresh/shop:**', {}, 'shop:**'],
    ['/actuator/busrefresh/*', {}, '*:**'],
    ['/actuator/busrefresh/a/b/c', {}, 'a:b:c'],
    ['/actuator/busenv', { headers: json, body: values }, '** k=v'],
    ['/actuator/busenv/shop/dev', { headers: json, body: values }, 'shop:dev:** k=v'],
    ['/actuator/busenv', { headers: json, body: '{"name":"","value":"","more":[1]}' }, '** ='],
    ['/actuator/busenv', { headers: json, body: '{"name":"n","value":1.5}' }, '** n=1.5'],
    ['/actuator/busenv', { headers: json, body: '{"name":true,"value":false}' }, '** true=false'],
    [
      '/actuator/busenv',
      { headers: { 'content-type': 'application/vnd.spring-boot.actuator.v3+json;charset=UTF-8' }, body: values },
      '** k=v',
    ],
  ]
  it('goes on with the trace of a request, and begins one where it brings none that is valid', async () => {
    const { ask, member } = await open()
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
    const post = (target: string, headers: Readonly<Record<string, string>>, body?: string) =>
      ask(target, { method: 'POST', headers, ...(body === undefined ? {} : { body }) })
    await post('/actuator/busrefresh', { traceparent })
    await post('/actuator/busenv', { ...json, b3: `${traceId}-00f067aa0ba902b7-1` }, values)
    await post('/actuator/busrefresh', { traceparent: 'nonsense' })
    await member.destinations(3)
    const traces = member.heard.map(({ info }) => info.trace)
    expect(traces.map((trace) => trace?.traceId === traceId)).to.deep.equal([true, true, false])
    expect(new Set(traces.map((trace) => trace?.spanId)).add('00f067aa0ba902b7').size).to.equal(4)
  })

  it(`sends ${sent.length} requests to those whom Spring would send them to, and answers 204`, async () => {
    const { ask, member } = await open()
    for (const [index, [target, options, expected]] of sent.entries()) {
      const { status, bytes } = await ask(target, { method: 'POST', ...options })
      expect([target, status, bytes.length]).to.deep.equal([target, 204, 0])
      await member.destinations(index + 1)
      const { destination = '', event } = member.heard[index] ?? {}
      const values = event?.kind === 'environment-change' ? [...event.values].map(([name, value]) => ` ${name}=${value}`) : []
      expect([target, destination + values.join('')]).to.deep.equal([target, expected])
    }
  })

  const refused: readonly (readonly [string, AskOptions, number])[] = [
    ['/actuator/busrefresh', { headers: json, body: '{' }, 400],
    ['/actuator/busrefresh', { headers: { 'content-type': 'text/plain' }, body: 'x' }, 415],
    ['/actuator/busrefresh', { method: 'GET' }, 405],
    ['/actuator/busrefresh/shop', { method: 'PUT' }, 405],
    ['/actuator/busrefresh', { method: 'DELETE' }, 405],
    ['/actuator/busenv', { headers: json, body: '' }, 400],
    ['/actuator/busenv', { headers: json, body: '{"name":"k"' }, 400],
    ['/actuator/busenv', { headers: json, body: '[]' }, 400],
    ['/actuator/busenv', { headers: json, body: 'null' }, 400],
    ['/actuator/busenv', { headers: json, body: '{"name":"k"}' }, 400],
    ['/actuator/busenv', { headers: json, body: '{"value":"k"}' }, 400],
    ['/actuator/busenv', { headers: json, body: '{"name":"k","value":null}' }, 400],
    ['/actuator/busenv', { headers: json, body: '{"name":"k","value":{}}' }, 400],
    ['/actuator/busenv', { headers: json, body: `{"name":"k","value":"${'x'.repeat(1_100_000)}"}` }, 400],
    ['/actuator/busenv', { body: values }, 415],
    ['/actuator/busenv', { headers: { 'content-type': 'text/plain' }, body: values }, 415],
    ['/actuator/busenv', { headers: { 'content-type': 'application/jsonp' }, body: values }, 415],
    ['/actuator/busenv', { method: 'GET' }, 405],
    ['/actuator/busshutdown', {}, 404],
    ['/actuator/bus', {}, 404],
  ]
  it(`refuses ${refused.length} requests and sends nothing`, async () => {
    const { ask, member } = await open()
    for (const [target, options, expected] of refused) {
      const { status, headers, text } = await ask(target, { method: 'POST', ...options })
      const shown = { target, body: options.body?.slice(0, 40), method: options.method }
      expect({ ...shown, status }).to.deep.equal({ ...shown, status: expected })
      expect(JSON.parse(text)).to.include({ status: expected })
      if (expected === 405) expect(headers.allow).to.equal('POST,OPTIONS')
    }
    expect(member.heard).to.deep.equal([])
  })

  it('says which methods it takes', async () => {
    const { status, headers } = await (await open()).ask('/actuator/busenv', { method: 'OPTIONS' })
    expect([status, headers.allow]).to.deep.equal([200, 'POST,OPTIONS'])
  })

  it('is not there where it is not exposed', async () => {
    for (const flags of [{}, { 'management.endpoints.web.exposure.include': 'health' }]) {
      const { ask, member } = await open(flags)
      const statuses = await Promise.all(['GET', 'POST'].map(async (method) => (await ask('/actuator/busrefresh', { method })).status))
      expect([statuses, member.heard.length]).to.deep.equal([[404, 404], 0])
    }
  })

  it('is there with everything', async () => {
    const { ask } = await open({ 'management.endpoints.web.exposure.include': '*' })
    expect((await ask('/actuator/busrefresh', { method: 'POST' })).status).to.equal(204)
  })

  it('asks for credentials where there are any', async () => {
    const { ask, member } = await open({ ...exposed, 'spring.security.user.name': 'u', 'spring.security.user.password': 'p' })
    expect((await ask('/actuator/busrefresh', { method: 'POST' })).status).to.equal(401)
    const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`
    expect((await ask('/actuator/busrefresh', { method: 'POST', headers: { authorization } })).status).to.equal(204)
    await member.destinations(1)
    expect(member.heard.length).to.equal(1)
  })

  it('answers 503 while the broker is away', async () => {
    const answered = await askAway()
    expect([answered.status, JSON.parse(answered.text).code]).to.deep.equal([503, 'bus-away'])
  })
})

/** Asks the endpoint of a server whose broker is away. */
async function askAway(): Promise<Answered> {
  const nothing = (): void => undefined
  const ring = joinRing({
    settings: { url: 'memory:closed', destination: 'x', application: 'server', ack: { enabled: true } },
    port: 1,
    // A memory bus is connected at the next turn of the loop: one that is closed before never is.
    openTransport: (url, options) => {
      const transport = openTransport(url, options)
      void transport.close()
      return transport
    },
    onOverheard: nothing,
    onAck: nothing,
    onState: nothing,
    onTrouble: nothing,
    onPublished: nothing,
  })
  const endpoints = createBusEndpoints(() => ring)
  const server = createServer(async (request, response) => {
    try {
      const answer = await endpoints.answer(request, ['busrefresh'])
      response.writeHead(answer?.status ?? 404).end(answer?.body)
    } catch (error) {
      const problem = problemOf(error, { path: '', now: new Date() })
      response.writeHead(problem.status).end(JSON.stringify(problem))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const answered = await ask((server.address() as AddressInfo).port, '/', { method: 'POST' })
  server.close()
  await ring.close()
  return answered
}
