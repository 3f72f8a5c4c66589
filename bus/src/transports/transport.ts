/** Which way a message takes: acks have a route of their own, because 500 instances that answer each other are 250,000 deliveries. */
export type Route = 'event' | 'ack'

/** A message as brokers know it. Header names are lower case, values text; the content type is the transport's own affair. */
export interface Message {
  /** A UUID that names the message to the broker. */
  readonly id: string
  readonly bytes: Uint8Array
  readonly headers: ReadonlyMap<string, string>
  readonly route: Route
}

/** A message that came in. What is not ours may lack anything but its bytes. */
export type Delivery = Pick<Message, 'bytes' | 'headers'>

export type TransportState = 'connecting' | 'connected' | 'closed'

/** What a transport tells its owner, beside messages. */
export interface TransportEvents {
  /** A subscriber that fails is the transport's to survive: the message is done, the next one comes. */
  readonly onDelivery: (delivery: Delivery) => void
  /** Called at each change. Events may have been missed before each `connected`: whoever cares looks for itself then. */
  readonly onState: (state: TransportState) => void
  /** Told once for each new reason; never holds credentials. */
  readonly onTrouble: (error: Error) => void
}

/**
 * The seam between the bus and a broker. Opening returns at once and connects in the background, for as long as it takes; nothing here ever waits for
 * a broker that is away.
 */
export interface Transport {
  readonly state: () => TransportState
  /** Why there is no connection; `undefined` while there is one, and until the first attempt has failed. Never holds credentials. */
  readonly reason: () => Error | undefined
  /** Resolves once the broker has the message; rejects at once while there is no connection, and when the broker does not confirm in time. */
  readonly publish: (message: Message) => Promise<void>
  /** Idempotent. Leaves nothing behind at the broker and waits for it a second at most. */
  readonly close: () => Promise<void>
}

export interface TransportOptions extends TransportEvents {
  /** The exchange or topic; Spring's name is `springCloudBus`. */
  readonly destination: string
  /** `all` receives acks too (servers); `events` does not ask for them (clients). */
  readonly receives: 'all' | 'events'
}
