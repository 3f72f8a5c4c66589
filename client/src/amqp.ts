import type { BusLink } from './bus-link.js'
import { type BrokerAddress, linkTo } from './join-bus.js'

export type { BusLink, BusMember } from './bus-link.js'

/** A RabbitMQ, at `amqp(s)://[user:password@]host[:port][,…][/vhost]`. */
export interface AmqpOptions extends BrokerAddress {
  /** Default: Spring's `springCloudBus`. */
  readonly exchange?: string
}

/** Events of a bus over RabbitMQ, for `refresh: { bus }`. Needs the package `amqplib`: without it `load` throws 'missing-package'. */
export function amqp({ exchange, ...address }: AmqpOptions): BusLink {
  return linkTo({ ...address, destination: exchange })
}
