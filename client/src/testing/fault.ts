import type { ServerResponse } from 'node:http'
import { type FakeAnswer, problem } from './fake-answer.js'

/** What a server can do wrong. */
export type Fault = { readonly times?: number } & (
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  /** Nothing comes, and the connection stays. */
  | { readonly kind: 'hang' }
  /** The right answer, byte by byte. */
  | { readonly kind: 'drip'; readonly everyMs?: number }
  /** The connection is cut. */
  | { readonly kind: 'reset' }
  /** A 200 with this body, as JSON where `headers` say nothing else. */
  | { readonly kind: 'body'; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
)

/** Sends an answer, or what a fault makes of it. */
export async function send(outgoing: ServerResponse, fault: Fault | undefined, answer: FakeAnswer): Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return write(outgoing, answer)
    case 'status': {
      const { status, retryAfterSeconds: seconds } = fault
      return write(
        outgoing,
        problem(status, { message: 'as the test wants it', headers: seconds === undefined ? {} : { 'retry-after': String(seconds) } }),
      )
    }
    case 'body':
      return write(outgoing, { status: 200, body: fault.body, headers: { 'content-type': 'application/json', ...fault.headers } })
    case 'hang':
      return
    case 'reset':
      outgoing.socket?.resetAndDestroy()
      return
    case 'drip':
      return drip(outgoing, answer, fault.everyMs ?? 100)
    default:
      return fault satisfies never
  }
}

function write(outgoing: ServerResponse, { status, headers, body }: FakeAnswer): void {
  outgoing.writeHead(status, headers).end(body)
}

async function drip(outgoing: ServerResponse, { status, headers, body }: FakeAnswer, everyMs: number): Promise<void> {
  outgoing.writeHead(status, headers)
  for (const byte of Buffer.from(body)) {
    if (outgoing.destroyed) return
    outgoing.write(Buffer.of(byte))
    await new Promise((resolve) => setTimeout(resolve, everyMs).unref())
  }
  outgoing.end()
}
