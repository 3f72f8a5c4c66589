import type { BusLink } from './bus-link.js'
import { type BrokerAddress, linkTo } from './join-bus.js'

export type { BusLink, BusMember } from './bus-link.js'

/** A Kafka cluster, at `kafka://[user:password@]host[:port][,…][?tls=true][&sasl=plain|scram-sha-256|scram-sha-512]`. */
export interface KafkaOptions extends BrokerAddress {
  /** Default: Spring's `springCloudBus`. */
  readonly topic?: string
  /** Where acks go; default `<topic>-acks`. Spring's applications see them where this is Spring's topic. */
  readonly ackTopic?: string
}

/** Events of a bus over Kafka, for `refresh: { bus }`. Needs the package `kafkajs`: without it `load` throws 'missing-package'. */
export function kafka({ topic, ackTopic, ...address }: KafkaOptions): BusLink {
  return linkTo({ ...address, destination: topic, ackTopic })
}
