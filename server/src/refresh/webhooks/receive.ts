import { randomBytes } from 'node:crypto'
import { ServerError } from '../../errors.js'
import { type Caller, judge, type Verdict } from './authenticity.js'
import type { Deliveries } from './deliveries.js'
import { type HookHeaders, headerOf } from './headers.js'
import type { JsonObject } from './json.js'
import { payloadOf } from './payload.js'
import type { Proof } from './proofs.js'
import { type Provider, type ProviderName, providers } from './providers.js'
import { type Moved, relevant } from './refs.js'
import { repositoryAddress } from './repositories.js'
import { type Hint, type HookResult, nothing, refusal } from './result.js'

/** A request to a hook, read in full. */
export interface HookRequest {
  readonly headers: HookHeaders
  /** As it came. */
  readonly body: Buffer
  readonly caller: Caller
}

export interface WebhookOptions {
  /** Live secrets, any of which counts for any provider; without one nothing is checked. */
  readonly secrets: readonly string[]
  /** Branches whose pushes count; empty for all. */
  readonly branches: readonly string[]
  /** How far a signed time may be off (seconds). */
  readonly tolerance: number
  readonly deliveries: Deliveries
  /** In ms since 1970. */
  readonly now?: () => number
  /** Names a refused delivery. */
  readonly newReference?: () => string
}

/** Decides about one delivery of a provider. Never throws and never waits: what the hint asks for is somebody else's work. */
export function receiveWebhook(name: ProviderName, request: HookRequest, options: WebhookOptions): HookResult {
  const provider = providers[name]
  const refused = refusedProof(provider.proofs, request, options)
  if (refused === undefined) return translated(() => taken(name, request, options))
  return name === 'bitbucket' && isUnsignedTest(request.headers) ? ping : refused
}

/** The answer to a host that only tries whether somebody is there. */
export const ping: HookResult = nothing('ping', 'The hook is understood.')

/** Bitbucket Data Center tests a connection without signing it; a test that is answered gives nothing away. */
export function isUnsignedTest(headers: HookHeaders): boolean {
  return headerOf(headers, 'x-event-key') === 'diagnostics:ping' && !headerOf(headers, 'x-hub-signature')
}

/** The refusal of a delivery that nobody vouches for, `undefined` for one that may be believed. */
export function refusedProof(proofs: readonly Proof[], request: HookRequest, options: WebhookOptions): HookResult | undefined {
  const { now = Date.now, newReference = randomReference } = options
  const verdict: Verdict = judge({ ...options, ...request, proofs, now: now() })
  return verdict.kind === 'refused' ? refusal(401, verdict.reason, newReference()) : undefined
}

/** What cannot be understood is the sender's fault, whatever it is: 400. */
export function translated(receive: () => HookResult): HookResult {
  try {
    return receive()
  } catch (error) {
    if (error instanceof ServerError) return refusal(400, error.message)
    throw error
  }
}

/** A hint to look, with what the payload says of repository, ref and commit. */
export function lookHint(provider: Provider, body: JsonObject, { moved, names = [] }: Looking): Hint {
  const repository = repositoryAddress(provider.repository(body))
  const [only, ...others] = moved
  const one = others.length === 0 ? only : undefined
  return { kind: 'look', names, ...(repository === undefined ? {} : { repository }), ...one }
}

interface Looking {
  /** What counts of the moves. */
  readonly moved: readonly Moved[]
  readonly names?: readonly string[]
}

function taken(name: ProviderName, { headers, body }: HookRequest, { branches, deliveries }: WebhookOptions): HookResult {
  const provider = providers[name]
  const payload = name === 'generic' && body.length === 0 ? {} : payloadOf(headers, body)
  const event = provider.event(headers, payload)
  if (event === 'ping') return ping
  if (event === 'other') return nothing('ignored', 'This event moves no branch and no tag.')
  const moved = provider.moved(payload)
  const counting = relevant(moved, branches)
  if (moved.length > 0 && counting.length === 0) return nothing('ignored', `${moved[0]?.ref} is not looked at here.`)
  const id = provider.deliveryIds.map((header) => headerOf(headers, header)).find((value) => value !== undefined && value !== '')
  if (id !== undefined && !deliveries.isNew(name, id)) return nothing('duplicate', 'This delivery has been taken before.')
  return { status: 202, body: { outcome: 'accepted' }, outcome: 'accepted', hint: lookHint(provider, payload, { moved: counting }) }
}

function randomReference(): string {
  return `d-${randomBytes(4).toString('hex')}`
}
