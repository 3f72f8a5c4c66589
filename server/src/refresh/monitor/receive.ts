import type { ExtractorName } from '../../settings/settings.js'
import { type HookHeaders, headerOf, mediaTypeOf } from '../webhooks/headers.js'
import type { JsonObject } from '../webhooks/json.js'
import { gitea, giteeToken, gitlabToken, gogs, hub, hub256, ownToken, standard } from '../webhooks/proofs.js'
import { type ProviderName, providers } from '../webhooks/providers.js'
import { type HookRequest, isUnsignedTest, lookHint, ping, refusedProof, translated, type WebhookOptions } from '../webhooks/receive.js'
import { relevant } from '../webhooks/refs.js'
import { type HookResult, nothing, refusal } from '../webhooks/result.js'
import { formBody, jsonBody } from './body.js'
import { type Changed, changedPaths } from './extract.js'
import { namesOf } from './names.js'

export interface MonitorOptions extends WebhookOptions {
  /** Extractors that are switched off. */
  readonly disabled: readonly ExtractorName[]
  /** Paths that one of them fits from end to end are left out. */
  readonly ignoredPaths: readonly RegExp[]
}

/** A request to `/monitor` with its query, without the `?`. */
export interface MonitorRequest extends HookRequest {
  readonly query: string
}

/** Any provider may send here, and Gitea's name stands beside those of the hosts that it imitates. */
const PROOFS = [standard, hub256, hub, gitea, gogs, gitlabToken, giteeToken, ownToken]

/** Spring's `POST /monitor`: the answer lists the names that Spring would tell (spring-compat 6). Never throws. */
export function receiveMonitor(request: MonitorRequest, options: MonitorOptions): HookResult {
  const refused = refusedProof(PROOFS, request, options)
  if (refused !== undefined) return isUnsignedTest(request.headers) ? { ...ping, body: [] } : refused
  const type = mediaTypeOf(request.headers)
  if (type !== 'json' && type !== 'form')
    return refusal(415, 'Expected a body of type application/json or application/x-www-form-urlencoded.')
  return translated(() => {
    const body = type === 'json' ? jsonBody(request.body) : formBody(request.body, request.query)
    return taken(request.headers, body, options)
  })
}

function taken(headers: HookHeaders, body: JsonObject, options: MonitorOptions): HookResult {
  const changed = changedPaths(headers, body, options.disabled)
  if (changed?.extractor === 'generic') return commanded(namesIn(changed, options))
  const sender = senderOf(headers)
  const provider = providers[sender?.provider ?? 'generic']
  const event = sender === undefined ? 'other' : provider.event(headers, body)
  if (event === 'ping') return { ...ping, body: [] }
  const moved = provider.moved(body)
  const counting = relevant(moved, options.branches)
  if (moved.length > 0 && counting.length === 0) return ignored(`${moved[0]?.ref} is not looked at here.`)
  const isOff = sender !== undefined && options.disabled.includes(sender.extractor)
  if (changed === undefined && (event !== 'push' || isOff)) return ignored('Nothing was recognised.')
  const names = namesIn(changed, options)
  const hint = lookHint(provider, body, { moved: counting, names })
  return { status: 200, body: names, outcome: 'accepted', hint }
}

function commanded(names: readonly string[]): HookResult {
  if (names.length === 0) return ignored('No path is left to tell of.')
  return { status: 200, body: names, outcome: 'accepted', hint: { kind: 'announce', names } }
}

/** Spring's way of saying so is an empty list. */
function ignored(reason: string): HookResult {
  return { ...nothing('ignored', reason), body: [] }
}

function namesIn(changed: Changed | undefined, { ignoredPaths }: MonitorOptions): readonly string[] {
  const paths = changed?.paths ?? []
  if (ignoredPaths.length === 0) return namesOf(paths)
  return namesOf(paths.filter((path) => path.length > MAX_PATH || !ignoredPaths.some((pattern) => pattern.exec(path)?.[0] === path)))
}

/** A longer path is not tried against the operator's patterns, which may be slow ones. */
const MAX_PATH = 1_024

interface Sender {
  readonly provider: ProviderName
  readonly extractor: ExtractorName
}

/** Those that imitate others come before them. */
const SENDERS: readonly (readonly [string, Sender])[] = [
  ['x-gitea-event', { provider: 'gitea', extractor: 'gitea' }],
  ['x-gogs-event', { provider: 'gitea', extractor: 'gogs' }],
  ['x-gitlab-event', { provider: 'gitlab', extractor: 'gitlab' }],
  ['x-event-key', { provider: 'bitbucket', extractor: 'bitbucket' }],
  ['x-github-event', { provider: 'github', extractor: 'github' }],
]

function senderOf(headers: HookHeaders): Sender | undefined {
  return SENDERS.find(([header]) => headerOf(headers, header) !== undefined)?.[1]
}
