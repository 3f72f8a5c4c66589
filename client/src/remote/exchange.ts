/** One HTTP request and its answer: the seam between the client and what carries it. Redirects are answers. */
export interface Exchange {
  /** Rejects with ConfigError 'unreachable' or 'bad-response' that says why there is no answer, or with the signal's reason. */
  readonly send: (request: Sent) => Promise<Received>
  /** Idempotent. Ends connections. */
  readonly close: () => void
}

export interface Sent {
  /** Without credentials. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export interface Received {
  readonly status: number
  /** By lower-case name. */
  readonly header: (name: string) => string | undefined
  /** Without its content coding. To stop reading ends the connection; whoever does not read at all calls `drop`. */
  readonly body: AsyncIterable<Uint8Array>
  readonly drop: () => void
}
