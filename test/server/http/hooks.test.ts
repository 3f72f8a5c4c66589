import { readFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect } from 'chai'
import { createAccess } from '../../../server/src/http/access.js'
import { createApp } from '../../../server/src/http/app.js'
import { createHooks, type HookDelivery, type Hooks, type HooksOptions } from '../../../server/src/http/hooks.js'
import { createMetrics } from '../../../server/src/http/metrics.js'
import type { Hint } from '../../../server/src/refresh/webhooks/result.js'
import type { MonitorSettings, UserSettings } from '../../../server/src/settings/settings.js'
import { noSecrets } from '../../../server/src/sources/secrets.js'
import type { Source } from '../../../server/src/sources/source.js'
import { COMMIT, hex, NOW, SECRET } from '../refresh/webhooks/deliver.js'

interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

interface Hooked {
  readonly hints: readonly Hint[]
  readonly deliveries: readonly HookDelivery[]
  readonly warnings: readonly string[]
  readonly port: number
  readonly ask: (target: string, asking?: Asking) => Promise<Answered>
}

interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface Opening extends Partial<Pick<HooksOptions, 'maxBytes' | 'onHint'>> {
  readonly monitor?: Partial<MonitorSettings>
  readonly users?: readonly UserSettings[]
}

const plain: MonitorSettings = { path: '/monitor', disabled: [], ignoredPaths: [], secrets: [], branches: [], tolerance: 300 }

/** Knows no application. */
const empty: Source = {
  find: () => Promise.resolve({ propertySources: [], version: null, state: null, pins: [] }),
  findFile: () => Promise.resolve(undefined),
  reach: () => Promise.resolve('unknown'),
  fetch: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

const opened: { readonly server: Server; readonly hooks: Hooks }[] = []

async function open({ monitor = {}, users = [], ...more }: Opening = {}): Promise<Hooked> {
  const [hints, deliveries, warnings]: [Hint[], HookDelivery[], string[]] = [[], [], []]
  const access = createAccess(users)
  const hooks = createHooks({
    monitor: { ...plain, ...monitor },
    access,
    onHint: (hint) => hints.push(hint),
    onDelivery: (delivery) => deliveries.push(delivery),
    log: { warn: (_fields, message) => warnings.push(message) },
    now: () => NOW,
    newReference: () => 'd-1',
    ...more,
  })
  const app = createApp({
    source: empty,
    secrets: noSecrets,
    acceptEmpty: true,
    stripDocumentFromYaml: true,
    prefix: '',
    exposure: [],
    access,
    health: { ready: () => true, components: () => Promise.resolve({}) },
    metrics: createMetrics(),
    hooks,
    onFailure: (error) => warnings.push(String(error)),
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push({ server, hooks })
  const { port } = server.address() as AddressInfo
  return { hints, deliveries, warnings, port, ask: (target, asking) => ask(port, target, asking) }
}

function ask(port: number, path: string, { method = 'POST', headers = {}, body = '' }: Asking = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      )
    })
    request.once('error', reject)
    request.end(body)
  })
}

afterEach(() => {
  for (const { server, hooks } of opened.splice(0)) {
    hooks.close()
    server.closeAllConnections()
    server.close()
  }
})

const json = { 'content-type': 'application/json' }
const push = JSON.stringify({ ref: 'refs/heads/main', after: COMMIT })

interface Recorded {
  readonly name: string
  readonly request: { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string }
  readonly answer: { readonly status: number; readonly type: string; readonly body?: string }
}
const recorded = JSON.parse(readFileSync(new URL('../refresh/monitor/monitor.json', import.meta.url), 'utf8')) as readonly Recorded[]

describe('createHooks: /monitor', () => {
  it(`answers ${recorded.length} requests as recorded from Spring, and 400 where Spring breaks down`, async () => {
    const { ask } = await open()
    for (const { name, request, answer } of recorded) {
      const { status, headers, text } = await ask('/monitor', request)
      const expected = { name, status: answer.status === 500 ? 400 : answer.status, type: answer.type }
      expect({ name, status, type: headers['content-type'] }).to.deep.equal(expected)
      if (answer.body !== undefined) expect({ name, text }).to.deep.equal({ name, text: answer.body })
    }
  })

  it("says what is wrong as Spring's errors do", async () => {
    const { ask } = await open()
    const { text } = await ask('/monitor', { headers: json, body: '[]' })
    expect(JSON.parse(text)).to.deep.equal({
      timestamp: '2026-01-01T00:00:00.000Z',
      status: 400,
      error: 'Bad Request',
      message: 'The body is a list: expected a JSON object.',
      path: '/monitor',
    })
  })

  it('passes the hint on', async () => {
    const { ask, hints, deliveries } = await open()
    await ask('/monitor?path=a', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'path=b' })
    expect(hints).to.deep.equal([{ kind: 'announce', names: ['a', 'b'] }])
    expect(deliveries).to.deep.equal([{ hook: 'monitor', outcome: 'accepted' }])
  })

  it('stands where the settings say', async () => {
    const { ask } = await open({ monitor: { path: '/hooks/of/monitor' } })
    const body = '{"path":"orders"}'
    const statuses = await Promise.all(
      ['/hooks/of/monitor', '/monitor', '/hooks%2Fof/monitor'].map((path) => ask(path, { headers: json, body })),
    )
    expect(statuses.map(({ status }) => status)).to.deep.equal([200, 404, 400])
  })

  it('understands POST alone', async () => {
    const { ask } = await open()
    const answers = await Promise.all(['GET', 'PUT', 'DELETE', 'OPTIONS'].map((method) => ask('/monitor', { method })))
    expect(answers.map(({ status, headers }) => [status, headers.allow])).to.deep.equal([
      [405, 'POST,OPTIONS'],
      [405, 'POST,OPTIONS'],
      [405, 'POST,OPTIONS'],
      [200, 'POST,OPTIONS'],
    ])
  })
})

describe('createHooks: /webhooks', () => {
  const signed = { ...json, 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${hex(push)}`, 'x-github-delivery': 'a' }

  it('accepts a signed delivery once', async () => {
    const { ask, hints, deliveries, warnings } = await open({ monitor: { secrets: [SECRET] } })
    const first = await ask('/webhooks/github', { headers: signed, body: push })
    const second = await ask('/webhooks/github', { headers: signed, body: push })
    expect([first.status, first.text, second.status]).to.deep.equal([202, '{"outcome":"accepted"}', 200])
    expect(hints).to.deep.equal([{ kind: 'look', names: [], ref: 'refs/heads/main', commit: COMMIT }])
    expect(deliveries.map(({ outcome }) => outcome)).to.deep.equal(['accepted', 'duplicate'])
    expect(warnings).to.deep.equal([])
  })

  it('refuses a forged one with a reference that the log has, too', async () => {
    const { ask, hints, warnings } = await open({ monitor: { secrets: [SECRET] } })
    const { status, headers, text } = await ask('/webhooks/github', { headers: signed, body: `${push} ` })
    expect([status, headers['www-authenticate']]).to.deep.equal([401, 'Basic realm="carillon", charset="UTF-8"'])
    expect(JSON.parse(text)).to.include({ reference: 'd-1', path: '/webhooks/github' })
    expect(warnings).to.have.length(1)
    expect(warnings.join() + text).not.to.include(SECRET)
    expect(hints).to.deep.equal([])
  })

  it('takes Basic credentials instead', async () => {
    const { ask } = await open({ monitor: { secrets: [SECRET] }, users: [{ name: 'ada', password: 'p' }] })
    const headers = { ...json, authorization: `Basic ${Buffer.from('ada:p').toString('base64')}` }
    expect((await ask('/webhooks/generic', { headers, body: push })).status).to.equal(202)
    expect((await ask('/webhooks/generic', { headers: json, body: push })).status).to.equal(401)
  })

  it('says once that it is open', async () => {
    const { ask, warnings } = await open()
    for (const _ of [1, 2]) await ask('/webhooks/generic', { body: push })
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.include('not authenticated')
  })

  it('leaves other hosts, other methods and longer paths to the rest of the server', async () => {
    const { ask } = await open()
    const asked: readonly (readonly [string, string])[] = [
      ['/webhooks/sourceforge', 'POST'],
      ['/webhooks/constructor', 'POST'],
      ['/webhooks/github/main', 'POST'],
      ['/webhooks/github', 'GET'],
      ['/webhooks/github', 'PUT'],
    ]
    const answers = await Promise.all(asked.map(([path, method]) => ask(path, { method, headers: json })))
    expect(answers.map(({ status }) => status)).to.deep.equal([405, 405, 405, 200, 405])
    expect(JSON.parse(answers[3]?.text ?? '')).to.include({ name: 'webhooks' })
  })

  it('answers whatever becomes of the hint', async () => {
    const fail = (): never => {
      throw new Error('no room')
    }
    const { ask, warnings } = await open({ onHint: fail })
    expect((await ask('/webhooks/generic')).status).to.equal(202)
    expect((await ask('/webhooks/generic')).status).to.equal(202)
    expect(warnings.filter((warning) => warning.includes('failed'))).to.have.length.greaterThan(0)
  })
})

describe('createHooks: sizes', () => {
  it('takes a body of the limit, and answers 413 to one byte more', async () => {
    const { ask, hints } = await open({ maxBytes: 1_000 })
    const body = (length: number): string => `{"path":"${'x'.repeat(length - 11)}"}`
    const statuses = [
      await ask('/monitor', { headers: json, body: body(1_000) }),
      await ask('/monitor', { headers: json, body: body(1_001) }),
    ]
    expect(statuses.map(({ status }) => status)).to.deep.equal([200, 413])
    expect(hints).to.deep.equal([])
  })

  it('answers 413 before an endless body ends', async () => {
    const { port } = await open({ maxBytes: 1_000 })
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(`POST /monitor HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n${'x'.repeat(0x800)}\r\n`),
      )
      socket.once('data', (data) => {
        resolve(data.toString().split('\r\n')[0] ?? '')
        socket.destroy()
      })
      socket.once('error', reject)
    })
    expect(text).to.equal('HTTP/1.1 413 Payload Too Large')
  })

  it('goes on after a client that went away', async () => {
    const { port, ask } = await open()
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST /monitor HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{', () => socket.destroy())
      })
      socket.once('close', () => resolve())
    })
    expect((await ask('/monitor', { headers: json, body: '{"path":"orders"}' })).text).to.equal('["orders"]')
  })
})
