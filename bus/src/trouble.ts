import { subscriberFailed } from './errors.js'

/** Passes each reason on once, so that a broker that is away for a night does not fill a log. */
export interface Trouble {
  readonly tell: (error: Error) => void
  /** Calls a listener, and tells what it throws as `subscriber-failed`; `what` names the listener. */
  readonly guard: (what: string, call: () => void) => void
  /** What comes next is news again, for example after a connection that worked. */
  readonly forget: () => void
}

const REMEMBERED = 100

/** Wraps `onTrouble`: equal messages are told once, a listener that throws is survived. */
export function tellOnce(onTrouble: (error: Error) => void): Trouble {
  const told = new Set<string>()
  const tell = (error: Error) => {
    if (told.has(error.message)) return
    if (told.size >= REMEMBERED) told.clear()
    told.add(error.message)
    try {
      onTrouble(error)
    } catch {
      // There is nobody left to tell.
    }
  }
  return {
    tell,
    guard: (what, call) => {
      try {
        call()
      } catch (cause) {
        tell(subscriberFailed(what, cause))
      }
    },
    forget: () => told.clear(),
  }
}
