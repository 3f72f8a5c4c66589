/** Why the bus could not do what was asked. */
export type BusErrorCode =
  | 'unreadable-message' // bytes that are no bus event
  | 'invalid-url' // a transport's URL or settings that cannot be meant
  | 'unknown-transport' // a URL whose scheme nobody here speaks
  | 'missing-package' // the library of a broker is not installed
  | 'not-connected' // the broker is away at this moment
  | 'not-confirmed' // the broker did not say in time that it has the message
  | 'broker-refused' // credentials, rights, or an exchange or topic of another kind
  | 'untrusted-broker' // a certificate that does not prove that the broker is the one that was meant
  | 'connection-lost'
  | 'subscriber-failed' // whoever was told of a message threw
  | 'closed'

/** The one error class of this package: a code from a closed list and what was found. No message of it holds credentials or values. */
export class BusError extends Error {
  readonly code: BusErrorCode

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BusError'
    this.code = code
  }
}

/** The error for a listener that threw; `what` names the listener. */
export function subscriberFailed(what: string, cause: unknown): BusError {
  return new BusError('subscriber-failed', `${what} failed: ${textOf(cause)}`, { cause })
}

/** What an error says. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
