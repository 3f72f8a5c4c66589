import {
  type Broker,
  type BrokerTls,
  controlRabbit,
  letGo,
  type PrivateBroker,
  restart,
  send,
  startPrivate,
  stop,
  thisProcess,
  up,
} from '../../scripts/brokers/fleet.mjs'

/** A broker that a test may kill, freeze and start again. */
export interface FragileBroker {
  /** Its address; the same after each start. */
  readonly url: string
  /** A second address that asks for a password. */
  readonly guardedUrl: string | undefined
  /** Where it speaks TLS, and where it then asks for the client's certificate (Kafka). */
  readonly tlsUrl: string | undefined
  readonly mutualUrl: string | undefined
  readonly kill: () => void
  readonly freeze: () => void
  readonly thaw: () => void
  /** Starts it again with its old data; `settings` are further lines of its configuration. */
  readonly start: (settings?: readonly string[]) => Promise<void>
  readonly stop: () => void
  /** What rabbitmqctl prints; RabbitMQ only. */
  readonly control: (...args: string[]) => Promise<string>
}

const TIME_TO_START = 300_000

let fleet: ReturnType<typeof up> | undefined

/**
 * For `before`: a running broker that all tests share, or `undefined` after the suite was marked as skipped, with a reason. The first call may install it,
 * which takes a minute; when this process ends, it stops what it started, unless somebody else uses it.
 */
export async function useBroker(suite: Mocha.Context, name: Broker['name']): Promise<Broker | undefined> {
  suite.timeout(TIME_TO_START)
  const holder = thisProcess()
  if (fleet === undefined) {
    fleet = up(holder)
    process.once('exit', () => letGo(holder))
    // By itself this signal ends a process without that.
    process.once('SIGTERM', () => process.exit(143))
  }
  const { brokers, missing } = await fleet
  const broker = brokers[name]
  return broker ?? skip(suite, missing.join('\n'))
}

/** For `before`: a broker of the test's own, with TLS ports where it is given what it needs for them. The process that ends takes it along. */
export async function useFragileBroker(
  suite: Mocha.Context,
  name: Broker['name'],
  { tls }: { readonly tls?: BrokerTls } = {},
): Promise<FragileBroker | undefined> {
  suite.timeout(TIME_TO_START)
  try {
    return fragile(await startPrivate(name, { tls }))
  } catch (error) {
    return skip(suite, `A ${name} that may be broken cannot be started: ${error instanceof Error ? error.message : error}`)
  }
}

function fragile(first: PrivateBroker): FragileBroker {
  let broker = first
  const end = () => stop(broker)
  process.once('exit', end)
  return {
    url: first.url,
    guardedUrl: first.guardedUrl,
    tlsUrl: first.tlsUrl,
    mutualUrl: first.mutualUrl,
    kill: () => send(broker, 'SIGKILL'),
    freeze: () => send(broker, 'SIGSTOP'),
    thaw: () => send(broker, 'SIGCONT'),
    start: async (settings) => {
      broker = await restart(broker, settings)
    },
    control: (...args) => controlRabbit(broker, args),
    stop: () => {
      process.off('exit', end)
      end()
    },
  }
}

// Where everything must be there, what is missing is a failure and not a reason to skip.
function skip(suite: Mocha.Context, reason: string): undefined {
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`${reason}\n`)
  suite.skip()
}
