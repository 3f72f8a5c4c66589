import type { Exchange, Received, Sent } from './exchange.js'
import { troubleOf } from './trouble.js'

/** What the user gives in place of the built-in HTTP: connections, TLS and codings are its own affair. */
export function openFetch(fetch: typeof globalThis.fetch): Exchange {
  return { send: (sent) => send(fetch, sent), close: () => {} }
}

async function send(fetch: typeof globalThis.fetch, { url, headers, signal }: Sent): Promise<Received> {
  try {
    const { status, headers: answered, body } = await fetch(url, { headers, signal, redirect: 'manual' })
    return {
      status,
      header: (name) => answered.get(name) ?? undefined,
      body: body ?? none(),
      drop: () => void body?.cancel().catch(() => {}),
    }
  } catch (error) {
    signal.throwIfAborted()
    throw troubleOf(error)
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}
