import type { Subscription } from './config.js'

/** Who wants to hear of what. `Events` maps names to facts. */
export interface Listeners<Events> {
  readonly on: <E extends keyof Events>(event: E, listener: (fact: Events[E]) => void) => Subscription
  /** Calls each listener; one that throws goes to `onFailure` and disturbs nobody. */
  readonly emit: <E extends keyof Events>(event: E, fact: Events[E]) => void
}

/** Without listeners nothing happens, whatever the event is called. */
export function listeners<Events>(onFailure: (event: keyof Events, cause: unknown) => void): Listeners<Events> {
  const known = new Map<keyof Events, Set<(fact: never) => void>>()
  const emit = <E extends keyof Events>(event: E, fact: Events[E]) => {
    for (const listener of [...(known.get(event) ?? [])]) {
      try {
        listener(fact as never)
      } catch (cause) {
        onFailure(event, cause)
      }
    }
  }
  const on = <E extends keyof Events>(event: E, listener: (fact: Events[E]) => void) => {
    const registered = known.get(event) ?? new Set()
    known.set(event, registered)
    // the same function may be registered twice, and each subscription ends its own
    const own = (fact: Events[E]) => listener(fact)
    registered.add(own)
    return subscription(() => registered.delete(own))
  }
  return { on, emit }
}

/** Something to end once. */
export function subscription(end: () => void): Subscription {
  return { close: end, [Symbol.dispose]: end }
}
