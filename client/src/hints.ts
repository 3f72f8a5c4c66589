import { type Announcement, type Answer, type Bus, busId, type MessageInfo } from '@carillon/bus'
import type { BusLink } from './bus-link.js'
import type { RefreshResult, Status, Version } from './config.js'
import type { Wish } from './refresher.js'

/** What is asked for, as a bus member is known by it. */
export interface Membership {
  readonly names: readonly string[]
  readonly profiles: readonly string[]
  readonly labels: readonly string[]
  /** What tells instances of one machine apart, in the bus id. */
  readonly index: number
}

export interface HintsOptions {
  readonly link: BusLink
  readonly membership: Membership
  readonly refresh: (wish: Wish) => Promise<RefreshResult>
  /** Puts values that an event brought over everything. */
  readonly announce: (values: ReadonlyMap<string, string>) => Promise<RefreshResult>
  readonly version: () => Version
  readonly onState: (state: Status['bus']) => void
  readonly onTrouble: (error: Error) => void
}

/** Events that could not be followed yet: each is answered once more when that changes. */
const MAX_UNANSWERED = 32

/** Listens to a bus: each event is a reason to ask the server, and so is each connection, because events may have been missed. */
export function listenForHints(options: HintsOptions): Pick<Bus, 'close'> & { readonly noteResult: (result: RefreshResult) => void } {
  const { link, membership, refresh, version } = options
  let unanswered: Announcement[] = []

  const answer = (result: RefreshResult): Answer => answerOf(result, { ...membership, version: version() })
  const onEvent = async (event: Announcement, info: MessageInfo): Promise<Answer> => {
    if (event.kind === 'environment-change') return answer(await options.announce(event.values))
    if (!concerns(info, membership)) return answer({ status: 'unchanged', version: version() })
    const result = await refresh(wishOf(info))
    if (result.status === 'failed' && result.error.code !== 'closed') unanswered = [...unanswered, event].slice(-MAX_UNANSWERED)
    return answer(result)
  }
  const bus = link.join({
    busId: busId({ application: membership.names.at(-1) ?? 'application', profiles: activeOf(membership), index: membership.index }),
    configNames: membership.names,
    onEvent,
    onState: (state) => {
      options.onState(state === 'closed' ? 'off' : state)
      if (state === 'connected') void refresh({ cause: 'reconnect' })
    },
    onTrouble: options.onTrouble,
  })
  const noteResult = (result: RefreshResult) => {
    if (result.status === 'failed') return
    for (const event of unanswered) bus.acknowledge(event, answer(result)).catch(options.onTrouble)
    unanswered = []
  }
  return { close: bus.close, noteResult }
}

/** An event that names profiles or a label means those who ask with them; whoever asks for the default label may be meant by any. */
function concerns({ profiles, label }: MessageInfo, membership: Membership): boolean {
  if (profiles !== undefined && !profiles.some((profile) => membership.profiles.includes(profile))) return false
  return label === undefined || membership.labels.length === 0 || membership.labels.includes(label)
}

function wishOf({ commits = [], trace }: MessageInfo): Wish {
  const traceparent = trace && `00-${trace.traceId}-${trace.spanId}-${trace.sampled === 'yes' ? '01' : '00'}`
  return { cause: 'bus', commits, ...(traceparent === undefined ? {} : { traceparent }) }
}

/** As Spring: the default profile is in force where no other is active, and does not show. */
function activeOf({ profiles }: Membership): readonly string[] {
  return profiles.length === 1 && profiles[0] === 'default' ? [] : profiles
}

/** What an ack says: what runs now, and of what was refused a path and a code, never a value. */
function answerOf(result: RefreshResult, { names, profiles, labels, version }: Membership & { readonly version: Version }): Answer {
  const { commit, digest, label } = version
  const view = [names.join(','), profiles.join(','), ...labels].join('/')
  const reason = reasonOf(result)
  return {
    outcome: result.status,
    ...(label === '' ? {} : { label }),
    ...(commit === '' ? {} : { commits: commit.split(',') }),
    ...(digest === '' ? {} : { digests: new Map([[view, digest]]) }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function reasonOf(result: RefreshResult): Answer['reason'] {
  if (result.status === 'failed') return { path: '', code: result.error.code }
  if (result.status !== 'rejected') return undefined
  const [issue] = result.issues
  const steps = issue?.path?.map((step) => String(typeof step === 'object' ? step.key : step)) ?? []
  return { path: steps.join('.'), code: codeOf(issue) }
}

/** Libraries of schemas have codes of their own; the standard has none. A message may hold the value, a code does not. */
function codeOf(issue: unknown): string {
  if (typeof issue !== 'object' || issue === null) return 'invalid'
  const code = Object.entries(issue).find(([key]) => key === 'code')?.[1]
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : 'invalid'
}
