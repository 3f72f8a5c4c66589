/** The bus of the demo: a broker that runs or is installed, or none. Nothing is installed for it. */
import { letGo, thisProcess, up, withoutSecret } from '../brokers/fleet.mjs'
import { accepts } from '../brokers/processes.mjs'

const NONE = { label: 'no broker', example: 'shop-poll', env: {}, serverArgs: [] }

const ways = [
  { name: 'rabbitmq', label: 'RabbitMQ', example: 'shop-rabbitmq', variable: 'RABBITMQ_URL' },
  { name: 'kafka', label: 'Kafka', example: 'shop-kafka', variable: 'KAFKA_URL' },
]

/**
 * The first broker that is to be had: `{ label, example, url, env, serverArgs }`. `wanted` is the name of one, which then has to be there, or `none`. Throws
 * what is missing.
 */
export async function chooseBroker({ undoing, say, wanted }) {
  for (const way of ways.filter(({ name }) => wanted === undefined || wanted === name)) {
    const holder = thisProcess()
    undoing(() => letGo(holder))
    const { brokers, missing } = await up(holder, { say, names: [way.name], fetch: 'never' })
    const broker = brokers[way.name]
    const isThere = broker !== undefined && (await answers(broker.url))
    if (isThere) return { ...way, url: broker.url, env: { [way.variable]: broker.url }, serverArgs: ['--bus', broker.url] }
    if (wanted !== undefined) throw new Error(missing[0] ?? `nobody answers at ${withoutSecret(broker.url)}`)
  }
  return NONE
}

/** One that was named by a variable may be away. */
async function answers(url) {
  const [, host, port] = /^\w+:\/\/(?:[^@/]*@)?\[?([^\]/,]+?)\]?(?::(\d+))?(?:[/,?]|$)/.exec(url) ?? []
  return host !== undefined && accepts({ host, port: Number(port ?? (url.startsWith('kafka') ? 9092 : 5672)) })
}
