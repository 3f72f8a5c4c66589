import type { Change, Subscription } from './config.js'
import { subscription } from './listeners.js'
import { differs } from './lives.js'
import type { Resolved } from './resolve/resolved.js'

type Watcher = (now: unknown, was: unknown, change: Change<unknown>) => void

/** Who wants to hear of the value at one path. */
export interface Watchers {
  readonly add: (path: string, watcher: Watcher) => Subscription
  /** Calls those whose value is another one; one that throws goes to `onFailure` and disturbs nobody. */
  readonly tell: (change: Change<unknown>, was: Resolved, now: Resolved) => void
}

export function watchers(onFailure: (path: string, cause: unknown) => void): Watchers {
  const known = new Map<object, { readonly path: string; readonly watcher: Watcher }>()
  return {
    add: (path, watcher) => {
      const key = {}
      known.set(key, { path, watcher })
      return subscription(() => known.delete(key))
    },
    tell: (change, was, now) => {
      for (const { path, watcher } of [...known.values()]) {
        if (!differs(path, was, now)) continue
        try {
          watcher(now.find(path)?.value, was.find(path)?.value, change)
        } catch (cause) {
          onFailure(path, cause)
        }
      }
    },
  }
}
