import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json } from '../json.js'
import { answerTo, commitOf, type FakeState } from './fake-answer.js'
import { commitAfter, type FakeApps } from './fake-environment.js'
import { type Fault, send } from './fault.js'

export interface FakeServerOptions {
  readonly apps?: FakeApps
  /** The labels that there are, the default first. Default: `main`. */
  readonly labels?: readonly string[]
  /** `spring` knows no ETag, no digest and no `X-Carillon-At-Least`. Default: `carillon`. */
  readonly speaks?: 'carillon' | 'spring'
  /** Whoever comes without gets 401. */
  readonly credentials?: { readonly username: string; readonly password: string } | { readonly bearer: string }
  /** Default: a free one. */
  readonly port?: number
}

/** A configuration server for tests, on the loopback address. */
export interface FakeServer extends AsyncDisposable {
  readonly url: string
  /** The commit that is served, as 40 hex digits. */
  readonly commit: string
  /** All that were received, the oldest first. */
  readonly requests: readonly FakeRequest[]
  /** Gives an application (`orders`, `orders/prod`, …) other values, or none; returns the new commit. */
  readonly set: (app: string, values: Readonly<Record<string, Json>> | undefined) => string
  /** What is wrong from now on, so many times or until the next call; without a fault, nothing. */
  readonly misbehave: (fault?: Fault) => void
  /** Idempotent. Cuts connections. */
  readonly close: () => Promise<void>
}

export interface FakeRequest {
  readonly method: string
  /** With its parameters, as it came. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Starts a server that speaks Spring's JSON, versions 1 and 2, and does wrong what it is told to. Resolves once it listens. */
export async function startFakeServer(options: FakeServerOptions = {}): Promise<FakeServer> {
  const { apps = {}, labels = ['main'], speaks = 'carillon', credentials, port = 0 } = options
  const state: FakeState = {
    apps: new Map(Object.entries(apps)),
    commits: [commitAfter('', apps)],
    labels,
    speaks,
    ...(credentials ? { credentials } : {}),
  }
  const requests: FakeRequest[] = []
  let fault: Fault | undefined
  let left = 0
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    requests.push({ method, path, headers })
    const now = left > 0 ? fault : undefined
    left--
    void send(outgoing, now, answerTo(state, incoming))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return closed
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get commit() {
      return commitOf(state)
    },
    requests,
    set: (app, values) => {
      if (values === undefined) state.apps.delete(app)
      else state.apps.set(app, values)
      state.commits.push(commitAfter(commitOf(state), [app, values]))
      return commitOf(state)
    },
    misbehave: (next) => {
      fault = next
      left = next?.times ?? Number.POSITIVE_INFINITY
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
