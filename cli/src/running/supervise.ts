import { constants } from 'node:os'
import { type Child, type Grouping, type Program, startChild } from './child.js'
import {
  advance,
  begin,
  type ChildEnd,
  type ChildEnvironment,
  type OnChange,
  type Step,
  type SupervisorAction,
  type SupervisorEvent,
  type SupervisorState,
} from './supervisor.js'

export interface Supervising {
  readonly program: Program
  readonly environment: ChildEnvironment
  readonly onChange: OnChange
  readonly grouping: Grouping
  /** How long (ms) a child that was told to go may take. */
  readonly graceMs: number
  /** Whether a signal reaches the child without us: what a terminal sends, it sends to all in front of it. */
  readonly arrivesAnyway: (signal: NodeJS.Signals) => boolean
  readonly say: (text: string) => void
}

/** A child under supervision. */
export interface Supervision {
  /** The newest variables. */
  readonly configure: (environment: ChildEnvironment) => void
  readonly signal: (signal: NodeJS.Signals) => void
  /** The exit code to end with. */
  readonly finished: Promise<number>
}

/** These are meant for a program with all that it started; others, such as SIGHUP, for the program that knows what to do with them. */
const FOR_ALL: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGSTOP', 'SIGCONT'])

/** Starts a program and does what the laws in `supervisor.ts` say. */
export function supervise(options: Supervising): Supervision {
  let state: SupervisorState
  const take = (step: Step): void => {
    state = step.state
    for (const action of step.actions) perform(action)
  }
  const tell = (event: SupervisorEvent): void => take(advance(state, event, options.onChange))
  let finish: (code: number) => void = () => {}
  const finished = new Promise<number>((resolve) => {
    finish = resolve
  })
  const perform = performer(options, { tell, finish })
  take(begin(options.environment))
  return {
    configure: (environment) => tell({ kind: 'configured', environment }),
    signal: (signal) => tell({ kind: 'signalled', signal }),
    finished,
  }
}

interface Outcome {
  readonly tell: (event: SupervisorEvent) => void
  readonly finish: (code: number) => void
}

/** Holds the one child and the one clock that there are. */
function performer(options: Supervising, { tell, finish }: Outcome): (action: SupervisorAction) => unknown {
  let child: Child
  let grace: NodeJS.Timeout | undefined
  const start = (environment: ChildEnvironment): void => {
    child = startChild({ ...options, environment })
    void child.ended.then((end) => tell({ kind: 'ended', end }))
  }
  return (action) => {
    switch (action.kind) {
      case 'start':
        clearTimeout(grace)
        return start(action.environment)
      case 'forward':
        return forward(child, action.signal, options)
      case 'notify':
        return child.send(action.signal)
      case 'stop':
        return child.sendToAll(action.signal)
      case 'grant-grace':
        clearTimeout(grace)
        grace = setTimeout(() => tell({ kind: 'grace-over' }), options.graceMs)
        return grace
      case 'await-cleared':
        return child.cleared().then(() => tell({ kind: 'cleared' }))
      case 'finish':
        clearTimeout(grace)
        return finish(exitCodeOf(action.end))
      default:
        return action satisfies never
    }
  }
}

/** The exit code of a child as shells tell it: 128 + n for one that signal n ended, 126 and 127 for one that could not be started. */
function exitCodeOf(end: ChildEnd): number {
  return end.kind === 'killed' ? 128 + constants.signals[end.signal] : end.code
}

function forward(child: Child, signal: NodeJS.Signals, { arrivesAnyway }: Supervising): void {
  if (arrivesAnyway(signal)) return
  if (FOR_ALL.has(signal)) child.sendToAll(signal)
  else child.send(signal)
}
