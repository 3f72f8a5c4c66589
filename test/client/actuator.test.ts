import { request as ask, createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { type ActuatorConfig, type ActuatorOptions, actuator } from '../../client/src/actuator.js'
import type { Health, RefreshResult } from '../../client/src/config.js'
import { ConfigError } from '../../client/src/errors.js'
import { actuator as expressActuator } from '../../client/src/express.js'
import { load } from '../../client/src/index.js'
import { actuator as koaActuator } from '../../client/src/koa.js'
import { startFakeServer } from '../../client/src/testing.js'
import { canary } from '../../scripts/canary.mjs'

const version = { commit: 'c0ffee', label: 'main', digest: 'd1' }
const SECRET = canary('value')

const up: Health = {
  status: 'UP',
  details: { source: 'server', bus: 'off', applied: version, stale: false, lastCheck: new Date(0), restartRequired: [], closed: false },
}
const degraded: Health = {
  status: 'DEGRADED',
  details: {
    ...up.details,
    stale: true,
    wanted: { ...version, digest: 'd2' },
    lastError: new ConfigError('invalid', 'no', { issues: [{ message: SECRET }] }),
    restartRequired: ['server.port'],
  },
}
const down: Health = { status: 'DOWN', details: { ...up.details, closed: true } }

/** A configuration of which nothing is known but how it feels and what a refresh brings. */
const configOf = ({
  health = up,
  result = { status: 'unchanged', version },
}: {
  health?: Health
  result?: RefreshResult
} = {}): ActuatorConfig => ({
  health: () => health,
  refresh: async () => result,
})

interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly allow: string | undefined
  readonly length: string | undefined
  readonly retryAfter: string | undefined
  readonly body: string
}

interface Asking {
  readonly config?: ActuatorConfig
  readonly options?: ActuatorOptions
  readonly method?: string
  readonly path: string
}

const overHttp = async (listener: RequestListener, { method = 'GET', path }: Asking): Promise<Answer> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo
      const sent = ask({ port, host: '127.0.0.1', method, path, agent: false }, async (incoming) => {
        const { headers, statusCode = 0 } = incoming
        const body = Buffer.concat(await incoming.toArray()).toString()
        const { 'content-type': type, allow, 'content-length': length, 'retry-after': retryAfter } = headers
        resolve({ status: statusCode, type, allow, length, retryAfter, body })
      })
      sent.on('error', reject).end()
    })
  } finally {
    server.close()
  }
}

/** Each with an application behind it that answers what the endpoints leave. */
const doors: Readonly<Record<string, (asking: Asking) => Promise<Answer>>> = {
  'actuator()': async ({ config = configOf(), options, method = 'GET', path }) => {
    const response = await actuator(config, options)(new Request(`http://localhost${path}`, { method }))
    if (response === undefined) return { ...nothing, status: 200, body: 'the application' }
    const header = (name: string) => response.headers.get(name) ?? undefined
    return {
      status: response.status,
      type: header('content-type'),
      allow: header('allow'),
      length: header('content-length'),
      retryAfter: header('retry-after'),
      body: await response.text(),
    }
  },
  'the middleware for Koa': (asking) => {
    const koa = new Koa()
    koa.use(koaActuator(asking.config ?? configOf(), asking.options))
    koa.use((context) => {
      context.body = 'the application'
    })
    return overHttp(koa.callback(), asking)
  },
  'the middleware for Express': (asking) => {
    const app = express()
    app.use(expressActuator(asking.config ?? configOf(), asking.options))
    app.use((_, response) => {
      response.end('the application')
    })
    return overHttp(app, asking)
  },
}
const nothing = { type: undefined, allow: undefined, length: undefined, retryAfter: undefined }

for (const [door, answerTo] of Object.entries(doors)) {
  describe(door, () => {
    const jsonOf = async (asking: Asking) => {
      const { status, type, body } = await answerTo(asking)
      expect(type).to.equal('application/json')
      return { status, body: JSON.parse(body) }
    }

    it('answers health in the shape of Spring Boot', async () => {
      const details = {
        source: 'server',
        bus: 'off',
        applied: version,
        stale: false,
        lastCheck: '1970-01-01T00:00:00.000Z',
        restartRequired: [],
      }
      expect(await jsonOf({ path: '/actuator/health' })).to.deep.equal({
        status: 200,
        body: { status: 'UP', components: { config: { status: 'UP', details } } },
      })
    })

    it('stays healthy on old values, and says what is the matter without a value', async () => {
      const { status, body } = await jsonOf({ path: '/actuator/health', config: configOf({ health: degraded }) })
      expect(status).to.equal(200)
      expect(body.components.config.details)
        .to.include({ stale: true, lastError: 'invalid' })
        .and.deep.include({ restartRequired: ['server.port'] })
      expect(JSON.stringify(body)).to.not.contain(SECRET)
    })

    it('answers 503 once it is closed', async () => {
      expect((await jsonOf({ path: '/actuator/health', config: configOf({ health: down }) })).status).to.equal(503)
    })

    it('answers HEAD as GET, without the body', async () => {
      const got = await answerTo({ path: '/actuator/health' })
      expect(await answerTo({ path: '/actuator/health', method: 'HEAD' })).to.deep.equal({ ...got, body: '' })
      expect(Number(got.length)).to.be.above(0)
    })

    it('says no more than the status where that is asked for', async () => {
      const { body } = await jsonOf({ path: '/actuator/health', options: { details: 'never' } })
      expect(body).to.deep.equal({ status: 'UP' })
    })

    it('has a version in info, where that is asked for', async () => {
      expect((await answerTo({ path: '/actuator/info' })).body).to.equal('the application')
      const { body } = await jsonOf({ path: '/actuator/info', options: { endpoints: ['info'] } })
      expect(body).to.deep.equal({ config: { ...version, source: 'server', stale: false } })
    })

    const refreshes: readonly [string, RefreshResult, number, unknown][] = [
      ['the keys that changed', { status: 'applied', version, keys: ['db.pool', 'a[0]'], restartRequired: [] }, 200, ['db.pool', 'a[0]']],
      ['an empty list where nothing changed', { status: 'unchanged', version }, 200, []],
      [
        'where a refused value stands, without it',
        { status: 'rejected', version, issues: [{ message: `got ${SECRET}`, path: ['db', { key: 'hosts' }, 0] }, { message: SECRET }] },
        500,
        {
          error: 'Internal Server Error',
          code: 'invalid',
          message: 'The new configuration was refused; the one before stays in use.',
          paths: ['db.hosts.0', ''],
        },
      ],
      [
        'why the servers could not be asked',
        { status: 'failed', error: new ConfigError('unreachable', 'No server answered', { retryAfterMs: 1200 }) },
        503,
        { error: 'Service Unavailable', code: 'unreachable', message: 'No server answered' },
      ],
    ]
    for (const [what, result, status, body] of refreshes) {
      it(`answers POST refresh with ${what}`, async () => {
        expect(await jsonOf({ path: '/actuator/refresh', method: 'POST', config: configOf({ result }) })).to.deep.equal({ status, body })
      })
    }

    it('hands on when a server said to come back', async () => {
      const result = { status: 'failed', error: new ConfigError('unreachable', 'no', { retryAfterMs: 1200 }) } as const
      const { retryAfter } = await answerTo({ path: '/actuator/refresh', method: 'POST', config: configOf({ result }) })
      expect(retryAfter).to.equal('2')
    })

    for (const [method, path, allow] of [
      ['GET', '/actuator/refresh', 'POST'],
      ['HEAD', '/actuator/refresh', 'POST'],
      ['POST', '/actuator/health', 'GET, HEAD'],
      ['DELETE', '/actuator/health?x=1', 'GET, HEAD'],
    ] as const) {
      it(`answers 405 to ${method} ${path}`, async () => expect(await answerTo({ method, path })).to.include({ status: 405, allow }))
    }

    for (const path of [
      '/',
      '/actuator',
      '/actuator/',
      '/actuator/env',
      '/actuator/health/',
      '/actuator/healthy',
      '/x/actuator/health',
      '//',
      '/%',
    ]) {
      it(`leaves ${path} to the application`, async () => {
        expect(await answerTo({ path })).to.include({ status: 200, body: 'the application' })
        expect(await answerTo({ path, method: 'POST' })).to.include({ status: 200, body: 'the application' })
      })
    }

    for (const path of ['/manage', 'manage', '/manage/', '//manage/']) {
      it(`stands below ${path}`, async () => {
        expect((await jsonOf({ path: '/manage/health?pretty', options: { path } })).status).to.equal(200)
        expect((await answerTo({ path: '/actuator/health', options: { path } })).body).to.equal('the application')
      })
    }

    it('stands at the root', async () => expect((await jsonOf({ path: '/health', options: { path: '/' } })).status).to.equal(200))
  })
}

describe('the endpoints of a loaded configuration', () => {
  it('refresh it, and say what changed and how it feels', async () => {
    await using server = await startFakeServer({ apps: { orders: { db: { pool: 5 } } } })
    await using config = await load({
      name: 'orders',
      uri: server.url,
      local: { env: false, argv: false },
      refresh: { pollMs: 0 },
      retry: false,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    })
    const answer = actuator(config)
    const refresh = async () => (await answer(new Request('http://localhost/actuator/refresh', { method: 'POST' })))?.json()
    const health = async () => (await answer(new Request('http://localhost/actuator/health')))?.json()
    server.set('orders', { db: { pool: 6, url: SECRET } })
    expect(await refresh()).to.deep.equal(['db.pool', 'db.url'])
    expect(await refresh()).to.deep.equal([])
    expect(await health())
      .to.deep.include({ status: 'UP' })
      .and.nested.include({ 'components.config.details.applied.commit': server.commit })
    server.misbehave({ kind: 'reset' })
    expect(await refresh()).to.include({ code: 'unreachable' })
    expect(await health()).to.deep.include({ status: 'DEGRADED' })
    expect(JSON.stringify([await refresh(), await health()])).to.not.contain(SECRET)
  })
})

describe('what is no request of the standard', () => {
  for (const door of ['the middleware for Koa', 'the middleware for Express']) {
    for (const [method, path] of [
      ['OPTIONS', '*'],
      ['GET', 'http://elsewhere/actuator/health'],
      ['TRACE', '/actuator/health'],
    ] as const) {
      it(`goes on behind ${door}: ${method} ${path}`, async () => {
        expect((await doors[door]!({ method, path })).status).to.equal(200)
      })
    }
  }
})
