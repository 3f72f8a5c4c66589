/** Variables of a child. */
export type ChildEnvironment = Readonly<Record<string, string>>

/** What becomes of a running child when its variables change. */
export type OnChange =
  | { readonly kind: 'restart' }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'none' }

/** How a child ended; `not-started` when there never was one. */
export type ChildEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'not-started'; readonly code: 126 | 127 }

/** What happens to the one who supervises. */
export type SupervisorEvent =
  | { readonly kind: 'configured'; readonly environment: ChildEnvironment }
  /** Somebody sent us a signal. */
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'ended'; readonly end: ChildEnd }
  /** Nothing is left of what the child had started. */
  | { readonly kind: 'cleared' }
  | { readonly kind: 'grace-over' }

/** What the one who supervises has to do, in this order. */
export type SupervisorAction =
  | { readonly kind: 'start'; readonly environment: ChildEnvironment }
  /** A signal of somebody else's, handed on. */
  | { readonly kind: 'forward'; readonly signal: NodeJS.Signals }
  /** A signal of our own to the child. */
  | { readonly kind: 'notify'; readonly signal: NodeJS.Signals }
  /** A signal of our own to the child and all that it started. */
  | { readonly kind: 'stop'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** Say `grace-over` later; a new one takes the place of an old one. */
  | { readonly kind: 'grant-grace' }
  /** Say `cleared` when nothing is left of the child. */
  | { readonly kind: 'await-cleared' }
  | { readonly kind: 'finish'; readonly end: ChildEnd }

/**
 * `stopping`: to be started again, with what is newest then; `end` once the child itself has gone. `ending`: told to end, as it sees fit. `clearing`: it has
 * ended, and what it started has not.
 */
export type SupervisorState =
  | { readonly at: 'running'; readonly environment: ChildEnvironment }
  | { readonly at: 'stopping'; readonly next: ChildEnvironment; readonly end?: ChildEnd }
  | { readonly at: 'ending' }
  | { readonly at: 'clearing'; readonly end: ChildEnd }
  | { readonly at: 'over' }

/** Where to go and what to do on the way. */
export interface Step {
  readonly state: SupervisorState
  readonly actions: readonly SupervisorAction[]
}

/** After these nothing is started any more. */
const ENDING: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT'])

/** The first step: a child with these variables. */
export function begin(environment: ChildEnvironment): Step {
  return { state: { at: 'running', environment }, actions: [{ kind: 'start', environment }] }
}

/**
 * The laws of `carillon run`, without a process or a clock: there is one child at a time; it is started again only after we stopped it for a change; one that
 * ends by itself ends the command; after SIGTERM, SIGINT or SIGQUIT nothing is started.
 */
export function advance(state: SupervisorState, event: SupervisorEvent, onChange: OnChange): Step {
  switch (event.kind) {
    case 'configured':
      return configured(state, event.environment, onChange)
    case 'signalled':
      return signalled(state, event.signal)
    case 'ended':
      return ended(state, event.end)
    case 'cleared':
      return cleared(state)
    case 'grace-over':
      return { state, actions: mayKill(state) ? [{ kind: 'stop', signal: 'SIGKILL' }] : [] }
    default:
      return event satisfies never
  }
}

/** Whether two sets of variables are the same for a child. */
function sameEnvironment(one: ChildEnvironment, other: ChildEnvironment): boolean {
  return changedVariables(one, other).length === 0
}

/** The names whose values differ, sorted. */
export function changedVariables(one: ChildEnvironment, other: ChildEnvironment): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => one[name] !== other[name]).sort()
}

function configured(state: SupervisorState, environment: ChildEnvironment, onChange: OnChange): Step {
  // A child that is on its way out is started with what is newest when it has gone: ten changes in between are one restart.
  if (state.at === 'stopping') return { state: { ...state, next: environment }, actions: [] }
  if (state.at !== 'running' || sameEnvironment(state.environment, environment)) return { state, actions: [] }
  switch (onChange.kind) {
    case 'none':
      return { state, actions: [] }
    case 'signal':
      return { state: { at: 'running', environment }, actions: [{ kind: 'notify', signal: onChange.signal }] }
    case 'restart':
      return { state: { at: 'stopping', next: environment }, actions: [{ kind: 'stop', signal: 'SIGTERM' }, { kind: 'grant-grace' }] }
    default:
      return onChange satisfies never
  }
}

function signalled(state: SupervisorState, signal: NodeJS.Signals): Step {
  const forward: SupervisorAction = { kind: 'forward', signal }
  if (state.at === 'over') return { state, actions: [] }
  if (!ENDING.has(signal)) return { state, actions: [forward] }
  // A grace that runs goes on; none begins here: how long a program may take to end is for whoever told it to.
  if (state.at === 'stopping' && state.end !== undefined) return { state: { at: 'clearing', end: state.end }, actions: [forward] }
  return { state: state.at === 'clearing' ? state : { at: 'ending' }, actions: [forward] }
}

function ended(state: SupervisorState, end: ChildEnd): Step {
  switch (state.at) {
    case 'running':
      return { state: { at: 'over' }, actions: [{ kind: 'finish', end }] }
    case 'stopping':
      return { state: { ...state, end }, actions: [{ kind: 'await-cleared' }] }
    case 'ending':
      return { state: { at: 'clearing', end }, actions: [{ kind: 'grant-grace' }, { kind: 'await-cleared' }] }
    case 'clearing':
    case 'over':
      return { state, actions: [] }
    default:
      return state satisfies never
  }
}

function cleared(state: SupervisorState): Step {
  if (state.at === 'clearing') return { state: { at: 'over' }, actions: [{ kind: 'finish', end: state.end }] }
  return state.at === 'stopping' && state.end !== undefined ? begin(state.next) : { state, actions: [] }
}

/** A grace is granted only to a child that was told to go. */
function mayKill({ at }: SupervisorState): boolean {
  return at === 'stopping' || at === 'ending' || at === 'clearing'
}
