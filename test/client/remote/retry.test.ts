import { expect } from 'chai'
import { ConfigError, type ConfigErrorCode, type ConfigErrorFacts } from '../../../client/src/errors.js'
import type { Remote, Reply } from '../../../client/src/remote/remote.js'
import { askUntil, type FailedRound, type Persistence } from '../../../client/src/remote/retry.js'
import { always, answering, closeAll, deadUrl, environment, errorOf, remoteOf, valuesOf } from './answering.js'

const uri = 'http://a'
const { signal } = new AbortController()
const reply: Reply = { kind: 'document', document: { version: { commit: '', label: '', digest: '' }, sources: [], text: '' } }

const failed = (code: ConfigErrorCode, facts: ConfigErrorFacts & { readonly status?: number } = {}): ConfigError => {
  const { status, ...more } = facts
  return new ConfigError(code, code, { attempts: [{ uri, ...(status === undefined ? {} : { status }), cause: code }], ...more })
}

/** A clock that a sleep puts forward. */
function clockAt(now: number) {
  const clock = {
    time: now,
    now: () => clock.time,
    sleep: async (milliseconds: number, given?: AbortSignal) => {
      given?.throwIfAborted()
      clock.time += milliseconds
    },
  }
  return clock
}

describe('askUntil', () => {
  afterEach(closeAll)

  /** What comes of a remote that answers one thing after the other (the last one again and again), in time that passes in pauses alone. */
  async function outcomeOf(answers: readonly (ConfigError | Reply)[], persistence: Partial<Persistence> = {}) {
    const clock = clockAt(5_000)
    const rounds: FailedRound[] = []
    const asked: number[] = []
    const left = [...answers]
    const remote: Remote = {
      ask: async ({ onAttempt }) => {
        asked.push(clock.time - 5_000)
        const next = left.length > 1 ? left.shift()! : left[0]!
        if (!(next instanceof ConfigError)) return next
        for (const attempt of next.attempts) onAttempt?.(attempt)
        throw next
      },
      close: () => {},
    }
    const options = {
      startupMs: 30_000,
      clock,
      random: () => 0.999_999,
      onAttempt: (round: FailedRound) => rounds.push(round),
      ...persistence,
    }
    const outcome = await askUntil(remote, { signal }, options).catch((error: ConfigError) => error)
    return { outcome, rounds, asked: asked.map(Math.round) }
  }

  it('asks until there is an answer, after pauses that double up to the longest', async () => {
    const away = failed('unreachable')
    const { outcome, asked } = await outcomeOf([...Array(8).fill(away), reply], { startupMs: 60_000 })
    expect(outcome).to.equal(reply.document)
    expect(asked).to.deep.equal([0, 250, 750, 1_750, 3_750, 7_750, 15_750, 25_750, 35_750])
  })

  it('takes other pauses, and any part of them at random', async () => {
    const away = failed('unreachable')
    const draws = [0, 0.5, 0.25]
    const { asked, rounds } = await outcomeOf([away, away, away, reply], {
      retry: { baseMs: 100, factor: 10, maxMs: 2_000 },
      random: () => draws.shift() ?? 1,
    })
    expect(asked).to.deep.equal([0, 0, 500, 1_000])
    expect(rounds.map(({ round, pauseMs, error }) => [round, pauseMs, error])).to.deep.equal([
      [1, 0, away],
      [2, 500, away],
      [3, 500, away],
    ])
  })

  it('asks once more at the end, however long the pause would be', async () => {
    const { outcome, asked } = await outcomeOf([failed('unreachable')], { startupMs: 20_000 })
    expect(asked.at(-1)).to.equal(19_000)
    expect(outcome).to.include({ code: 'unreachable' })
    expect((outcome as ConfigError).message).to.equal(`No server gave the configuration within 20000 ms, in 8 rounds: ${uri}: unreachable`)
  })

  it('comes back when it is told to', async () => {
    const busy = failed('bad-response', { status: 503, retryAfterMs: 4_000 })
    expect((await outcomeOf([busy, busy, reply])).asked).to.deep.equal([0, 4_000, 8_000])
  })

  it('gives up at once where it is told to come back after the end', async () => {
    const { asked, outcome } = await outcomeOf([failed('bad-response', { status: 503, retryAfterMs: 31_000 })])
    expect([asked, (outcome as ConfigError).retryAfterMs]).to.deep.equal([[0], 31_000])
  })

  const definite: readonly (readonly [string, ConfigError])[] = [
    ['401', failed('unauthorized', { status: 401 })],
    [
      '401 of one, while another is away',
      failed('unauthorized', {
        attempts: [
          { uri, status: 401, cause: '' },
          { uri: 'http://b', cause: '' },
        ],
      }),
    ],
    ['404', failed('not-found', { status: 404 })],
    ['400', failed('bad-response', { status: 400 })],
    ['options that cannot be meant', failed('bad-options')],
    ['a remote that was closed', failed('closed')],
  ]
  for (const [what, error] of definite) {
    it(`takes no for an answer: ${what}`, async () => {
      const { outcome, asked } = await outcomeOf([error, reply])
      expect([outcome, asked]).to.deep.equal([error, [0]])
    })
  }

  const passing: readonly (readonly [string, ConfigError])[] = [
    ['nobody there', failed('unreachable')],
    ['no answer', failed('timeout')],
    ['500', failed('bad-response', { status: 500 })],
    ['503', failed('bad-response', { status: 503 })],
    ['429', failed('bad-response', { status: 429 })],
    ['an answer that is none', failed('bad-response', { status: 200 })],
    ['404 of a server that has not reached its repository', failed('bad-response', { status: 404, retryAfterMs: 0 })],
    [
      '404 of one, while another is away',
      failed('not-found', {
        attempts: [
          { uri, status: 404, cause: '' },
          { uri: 'http://b', cause: '' },
        ],
      }),
    ],
    ['a discovery that knows of nobody', new ConfigError('unreachable', 'nobody')],
  ]
  for (const [what, error] of passing) {
    it(`asks again after ${what}`, async () => {
      expect((await outcomeOf([error, reply])).outcome).to.equal(reply.document)
    })
  }

  it('asks one round only where retry is off', async () => {
    const away = failed('unreachable')
    const { outcome, asked } = await outcomeOf([away, reply], { retry: false })
    expect([outcome, asked]).to.deep.equal([away, [0]])
  })

  it('says what is wrong where no server was even asked', async () => {
    const { outcome } = await outcomeOf([new ConfigError('unreachable', 'The discovery is away.')])
    expect((outcome as ConfigError).message).to.match(
      /^No server gave the configuration within 30000 ms, in \d+ rounds: The discovery is away\.$/,
    )
  })

  it('tells the last attempt at each server, and that the last round was cut off', async () => {
    const silent = await answering(() => {})
    const dead = await deadUrl()
    const error = await errorOf(askUntil(remoteOf({ servers: [dead, silent.url] }), { signal }, { startupMs: 400 }))
    expect(error.code).to.equal('timeout')
    expect(error.message).to.equal(
      `No server gave the configuration within 400 ms, in one round:\n  ${dead}: the connection was refused\n  ${silent.url}: no whole answer yet when the question ended`,
    )
    expect(error.attempts.map((attempt) => attempt.uri)).to.deep.equal([dead, silent.url])
  })

  it('gets the answer of a server that comes up meanwhile', async () => {
    let up = false
    const server = await answering((request, response) =>
      up ? always(environment({ a: 1 }))(request, response) : always('', { status: 503 })(request, response),
    )
    const onAttempt = () => {
      up = true
    }
    const document = await askUntil(remoteOf({ servers: [server.url] }), { signal }, { startupMs: 5_000, random: () => 0, onAttempt })
    expect(valuesOf(document)).to.deep.equal({ a: 1 })
  })

  it("ends with the reason of the caller's signal, in a question and in a pause", async () => {
    const silent = await answering(() => {})
    for (const server of [silent.url, await deadUrl()]) {
      const impatient = new AbortController()
      const asked = askUntil(
        remoteOf({ servers: [server] }),
        { signal: impatient.signal },
        { startupMs: 60_000, retry: { baseMs: 1e6, maxMs: 1e6 }, random: () => 1 },
      )
      setTimeout(() => impatient.abort(new Error('enough')), 30)
      expect(await asked.catch((error: Error) => error.message)).to.equal('enough')
    }
  })

  it('lets through what is no trouble of a server', async () => {
    const remote: Remote = { ask: () => Promise.reject(new TypeError('a bug')), close: () => {} }
    expect(await askUntil(remote, { signal }, { startupMs: 1_000 }).catch((error: Error) => error.name)).to.equal('TypeError')
  })
})
