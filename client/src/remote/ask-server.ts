import { ConfigError } from '../errors.js'
import { readAnswer } from './answer.js'
import type { Authorization } from './authorization.js'
import type { Exchange, Received } from './exchange.js'
import { type Failure, failureOf } from './failure.js'
import { within } from './limits.js'
import type { Question, Reply } from './remote.js'
import type { Server } from './servers.js'
import { headersOf, targetOf, type View } from './target.js'

/** What it takes to ask any server. */
export interface Asking {
  readonly exchange: Exchange
  readonly authorization: Authorization
  readonly headers: Readonly<Record<string, string>>
  readonly view: View
  readonly readMs: number
  readonly maxBytes: number
  readonly now: () => number
}

/** One question to one server about one label. */
export interface Asked {
  readonly server: Server
  readonly label: string
  readonly question: Question
  readonly signal: AbortSignal
}

export type Outcome = { readonly kind: 'reply'; readonly reply: Reply } | { readonly kind: 'failure'; readonly failure: Failure }

/** More of them lead in a circle. */
const MAX_REDIRECTS = 3

/** Asks one server. Rejects with the signal's reason only. */
export async function askServer({ server, label, question, signal }: Asked, asking: Asking): Promise<Outcome> {
  const { readMs } = asking
  const seen: Seen = {}
  const late = () => new ConfigError('timeout', `no whole answer within ${readMs} ms`)
  const cut = () => question.onAttempt?.({ uri: server.base, ...seen, cause: 'no whole answer yet when the question ended' })
  signal.addEventListener('abort', cut, { once: true })
  try {
    // A validator goes with the label that its document is of: about another it says nothing.
    const known = question.known?.version.label === label ? question.known : undefined
    const ask = (own: AbortSignal) => askOnce({ server, label, question: { ...question, known }, signal: own, seen }, asking)
    return { kind: 'reply', reply: await within({ signals: [signal], ms: readMs, late }, ask) }
  } catch (error) {
    signal.throwIfAborted()
    const failure = failureOf(error, { uri: server.base, ...seen })
    question.onAttempt?.(failure.attempt)
    return { kind: 'failure', failure }
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

/** What was seen of an answer before it came to nothing. */
interface Seen {
  status?: number
}

async function askOnce(asked: Asked & { readonly seen: Seen }, asking: Asking): Promise<Reply> {
  const { label, question, seen } = asked
  const { known } = question
  const answer = await send(asked, asking)
  seen.status = answer.status
  const reply = await readAnswer(answer, { label, known, maxBytes: asking.maxBytes, now: asking.now() })
  if (reply.kind === 'document' || known === undefined || reply.version.digest === known.version.digest) return reply
  // "Not modified", but with another digest: the server contradicts itself, and the body decides.
  return askOnce({ ...asked, question: { ...question, known: undefined } }, asking)
}

/** Sends it with credentials, and once more with new ones after a 401. */
async function send(asked: Asked, asking: Asking): Promise<Received> {
  const { authorization } = asking
  const answer = await follow(asked, await authorization.headerFor(asked.server), asking)
  if (answer.status !== 401 || !authorization.renewable) return answer
  answer.drop()
  return follow(asked, await authorization.headerFor(asked.server), asking)
}

/** Follows redirects at the same origin; a different one gets neither credentials nor a question. */
async function follow({ server, label, question, signal }: Asked, authorization: string | undefined, asking: Asking): Promise<Received> {
  const headers = {
    ...asking.headers,
    ...headersOf(question),
    ...(authorization === undefined ? {} : { authorization }),
  }
  let url = new URL(server.base + targetOf(asking.view, label))
  for (let redirects = 0; ; redirects++) {
    // The token may have taken longer than there was time.
    signal.throwIfAborted()
    const answer = await asking.exchange.send({ url, headers, signal })
    const next = redirectOf(answer, url)
    if (next === undefined || redirects === MAX_REDIRECTS) return answer
    answer.drop()
    url = next
  }
}

function redirectOf({ status, header }: Received, from: URL): URL | undefined {
  const location = header('location')
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined || !URL.canParse(location, from.href)) return undefined
  const to = new URL(location, from)
  return to.origin === from.origin && to.username === '' && to.password === '' ? to : undefined
}
