import type { Live } from './config.js'
import { ConfigError } from './errors.js'
import type { Resolved } from './resolve/resolved.js'

/** How something live is made of values, and what becomes of one that was replaced. */
export interface Recipe {
  readonly paths: readonly string[]
  readonly make: (values: unknown) => unknown
  readonly dispose: (old: unknown) => unknown
}

/** New things that wait for the values that they were made of. Either is called once. */
export interface Prepared {
  /** Puts them in place; resolves once the old ones are disposed. */
  readonly commit: () => Promise<void>
  /** Disposes them. */
  readonly abandon: () => Promise<void>
}

/** All that was made by `live`. */
export interface Lives {
  readonly add: (recipe: Recipe, now: Resolved) => Promise<Live<unknown>>
  /** Makes what has to be made anew. Throws ConfigError 'invalid' with the paths where that fails, and leaves nothing behind. */
  readonly prepare: (was: Resolved, now: Resolved) => Promise<Prepared>
  readonly close: () => Promise<void>
}

interface Kept extends Recipe {
  current: unknown
  open: boolean
}

/** `onFailure` is told of a `dispose` that fails: the old thing is gone all the same. */
export function keepLives(onFailure: (cause: unknown) => void): Lives {
  const lives = new Set<Kept>()

  const end = async ({ dispose }: Recipe, old: unknown) => {
    try {
      await dispose(old)
    } catch (cause) {
      onFailure(cause)
    }
  }
  const close = async (kept: Kept) => {
    if (!kept.open) return
    kept.open = false
    lives.delete(kept)
    await end(kept, kept.current)
  }
  const add = async (recipe: Recipe, now: Resolved): Promise<Live<unknown>> => {
    const kept: Kept = { ...recipe, current: await recipe.make(now.values), open: true }
    lives.add(kept)
    return {
      get current() {
        return kept.current
      },
      close: () => close(kept),
      [Symbol.asyncDispose]: () => close(kept),
    }
  }
  const prepare = async (was: Resolved, now: Resolved): Promise<Prepared> => {
    const made = new Map<Kept, unknown>()
    const abandon = async () => {
      await Promise.all(Array.from(made, ([kept, fresh]) => end(kept, fresh)))
    }
    for (const kept of lives) {
      if (!kept.paths.some((path) => differs(path, was, now))) continue
      try {
        made.set(kept, await kept.make(now.values))
      } catch (cause) {
        await abandon()
        throw failedToMake(kept.paths, cause)
      }
    }
    return { commit: () => replace(made, end), abandon }
  }
  return {
    add,
    prepare,
    close: async () => {
      await Promise.all([...lives].map(close))
    },
  }
}

/** Whether the value at a path is another one: equal values are the same objects (`reuse`). */
export function differs(path: string, was: Resolved, now: Resolved): boolean {
  return was.find(path)?.value !== now.find(path)?.value
}

async function replace(made: ReadonlyMap<Kept, unknown>, end: (kept: Kept, old: unknown) => Promise<void>): Promise<void> {
  const ended: Promise<void>[] = []
  for (const [kept, fresh] of made) {
    // closed while its successor was made: nobody will dispose that one
    const old = kept.open ? kept.current : fresh
    if (kept.open) kept.current = fresh
    ended.push(end(kept, old))
  }
  await Promise.all(ended)
}

function failedToMake(paths: readonly string[], cause: unknown): ConfigError {
  const message = `What is made of '${paths.join("', '")}' could not be made of the new values: the values before stay in use.`
  const issues = paths.map((path) => ({ message: 'could not be made', path: path.split('.'), code: 'make-failed' }))
  return new ConfigError('invalid', message, { cause, issues })
}
