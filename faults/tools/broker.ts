import { controlRabbit, restart, send, startPrivate, stop } from '../../scripts/brokers/fleet.mjs'

/** A broker of our own, to be broken. */
export interface FragileBroker {
  readonly url: string
  readonly kill: () => void
  readonly freeze: () => void
  readonly thaw: () => void
  /** Starts it again, with its old data and address. */
  readonly start: () => Promise<void>
  readonly stop: () => void
  /** What rabbitmqctl prints; RabbitMQ only. */
  readonly control: (...args: string[]) => Promise<string>
}

/** Starts one; the process that ends takes it along. Throws what is missing. */
export async function startFragile(name: 'rabbitmq' | 'kafka'): Promise<FragileBroker> {
  let broker = await startPrivate(name)
  const end = (): void => stop(broker)
  process.once('exit', end)
  return {
    url: broker.url,
    kill: () => send(broker, 'SIGKILL'),
    freeze: () => send(broker, 'SIGSTOP'),
    thaw: () => send(broker, 'SIGCONT'),
    start: async () => {
      broker = await restart(broker)
    },
    control: (...args) => controlRabbit(broker, args),
    stop: () => {
      process.off('exit', end)
      end()
    },
  }
}
