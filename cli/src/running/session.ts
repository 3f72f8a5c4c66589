import { constants } from 'node:os'
import type { Config, LoadOptions } from '@carillon/client'
import { CommandError, isConfigError } from '../failure.js'
import { requireKeys } from '../picked.js'
import { say, shortVersion, someOf, type Talk } from '../talk.js'
import { type Target, targetText } from '../target.js'
import type { Grouping, Program } from './child.js'
import { type ChildEnvironmentParts, childEnvironment, type MergedEnvironment } from './child-environment.js'
import { comesFromTerminal, listenToSignals, listenToSuspension } from './signals.js'
import { type Supervision, supervise } from './supervise.js'
import { type ChildEnvironment, changedVariables, type OnChange } from './supervisor.js'

/** What `carillon run` was told. */
export interface Session {
  readonly program: Program
  readonly target: Target
  readonly options: LoadOptions
  readonly source: 'servers' | 'snapshot'
  readonly onChange: OnChange
  readonly graceMs: number
  readonly merging: Pick<ChildEnvironmentParts, 'wins' | 'inherit'>
  readonly talk: Talk
  /** Which variables are made of the configuration. */
  readonly variables: { readonly prefix?: string; readonly pick?: readonly string[] }
}

/** Before there is a program, these end the wait for its configuration. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']

/** Runs a program with configuration in its variables until it ends; the exit code to end with. Throws what keeps the configuration from being loaded. */
export async function runSession(session: Session): Promise<number> {
  const waiting = new AbortController()
  let hear = (signal: NodeJS.Signals): void => {
    if (ENDING.includes(signal)) waiting.abort(signal)
  }
  const signals = listenToSignals((signal) => hear(signal))
  try {
    await using config = await loaded(session, waiting.signal)
    requireKeys(config, session.variables.pick)
    const supervision = superviseWith(config, session)
    hear = supervision.signal
    return await supervision.finished
  } catch (error) {
    if (!waiting.signal.aborted) throw error
    return 128 + constants.signals[waiting.signal.reason as NodeJS.Signals]
  } finally {
    signals.close()
  }
}

async function loaded({ options, source, target }: Session, signal: AbortSignal): Promise<Config<unknown>> {
  const { load } = await import('@carillon/client')
  try {
    return await load({ ...options, ...target, signal })
  } catch (error) {
    if (source === 'servers' || signal.aborted || !isConfigError(error) || error.code === 'bad-options') throw error
    const message = `There is no snapshot of ${targetText(target)} that can be used; one is written when the command runs without --offline.`
    throw new CommandError('no-snapshot', message)
  }
}

function superviseWith(config: Config<unknown>, session: Session): Supervision {
  const merged = (): MergedEnvironment =>
    childEnvironment({ configuration: config.toEnv(session.variables), own: process.env, ...session.merging })
  const first = merged()
  announce(config, first, session)
  const grouping = groupingOf(session)
  const arrivesAnyway = grouping === 'shared' ? comesFromTerminal : () => false
  session.talk.follow(config)
  const supervision = supervise({ ...session, environment: first.environment, grouping, arrivesAnyway, say })
  followChanges(config, {
    from: first.environment,
    next: () => merged().environment,
    changed: (environment, what) => {
      say(`${what}: ${consequence(session.onChange)}`)
      supervision.configure(environment)
    },
  })
  const suspension = grouping === 'own' ? listenToSuspension(() => supervision.signal('SIGSTOP')) : undefined
  void supervision.finished.then(() => suspension?.close())
  return supervision
}

interface Following {
  readonly from: ChildEnvironment
  readonly next: () => ChildEnvironment
  readonly changed: (environment: ChildEnvironment, what: string) => void
}

/** Tells of configuration that gives other variables; what gives none, because two keys become one, is said and changes nothing. */
function followChanges(config: Config<unknown>, { from, next, changed }: Following): void {
  let environment = from
  config.on('change', ({ to }) => {
    const version = shortVersion(to)
    try {
      const newest = next()
      const names = changedVariables(environment, newest)
      environment = newest
      if (names.length > 0) changed(newest, `${version} changes ${someOf(names)}`)
    } catch (error) {
      say(`${version} cannot be used, and the program goes on with what it has: ${error instanceof Error ? error.message : error}`)
    }
  })
}

/** A program that may be started again is stopped with all that it started. One that is not can have the terminal, as below a shell. */
function groupingOf({ onChange, program }: Session): Grouping {
  return onChange.kind === 'restart' || program.kind === 'line' ? 'own' : 'shared'
}

function announce(config: Config<unknown>, { kept, refused, given }: MergedEnvironment, { target }: Session): void {
  const origin = config.status.source === 'snapshot' ? ', from the snapshot' : ''
  say(`${targetText(target)} at ${shortVersion(config.version)}${origin}: ${given} variables`)
  if (kept.length > 0)
    say(`${kept.length} of ${given} keys kept as this environment has them: ${someOf(kept)}; --override turns that round`)
  if (refused.length > 0) say(`never taken from configuration: ${someOf(refused)}`)
}

function consequence(onChange: OnChange): string {
  switch (onChange.kind) {
    case 'restart':
      return 'restarting'
    case 'signal':
      return onChange.signal
    case 'none':
      return 'nothing is done'
    default:
      return onChange satisfies never
  }
}
