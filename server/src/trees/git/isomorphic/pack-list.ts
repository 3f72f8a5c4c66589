import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openPack, type Pack } from './pack.js'

/** The packs of an object database, as they were when they were looked for last. */
export interface PackList {
  /** Does something with all of them; none of them is closed before that is done. Opens them where they are not. */
  readonly use: <T>(work: (packs: Packs) => Promise<T>) => Promise<T>
  /** Looks for new ones from now on, and lets go of those that are gone. */
  readonly renew: () => Promise<void>
  /** Lets go of all. */
  readonly forget: () => void
}

export interface Packs {
  readonly packs: readonly Pack[]
  /** Why one of them could not be opened. */
  readonly trouble: unknown
}

/** A pack may be in two lists, an older one that somebody still reads from and a newer one. */
interface Held {
  readonly pack: Pack
  lists: number
}

interface Opened {
  readonly held: readonly Held[]
  readonly trouble: unknown
  users: number
  isOver: boolean
}

/** Opens nothing yet. */
export function openPackList(folder: string): PackList {
  let current: Promise<Opened> | undefined
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const replace = (by: Promise<Opened> | undefined): void => {
    current?.then(end, () => undefined)
    current = by
    // Who asks next tries again.
    by?.catch(() => {
      if (current === by) current = undefined
    })
  }
  const renewNow = async (): Promise<void> => {
    const before = await current?.catch(() => undefined)
    replace(openAll(folder, before?.isOver === false ? before.held : []))
    await current
  }
  const run = (): Promise<void> => {
    running = renewNow().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    async use(work) {
      if (current === undefined) replace(openAll(folder, []))
      const opened = (await current) as Opened
      opened.users += 1
      try {
        return await work({ packs: opened.held.map(({ pack }) => pack), trouble: opened.trouble })
      } finally {
        opened.users -= 1
        closeUnused(opened)
      }
    },
    renew() {
      if (running === undefined) return run()
      // The one that runs may have looked before what is looked for came.
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = undefined
          return run()
        })
      return next
    },
    forget: () => replace(undefined),
  }
}

function end(opened: Opened): void {
  opened.isOver = true
  closeUnused(opened)
}

function closeUnused({ isOver, users, held }: Opened): void {
  if (isOver && users === 0) letGo(held)
}

function letGo(held: readonly Held[]): void {
  for (const one of held) {
    one.lists -= 1
    if (one.lists === 0) void one.pack.close().catch(() => undefined)
  }
}

/** Opens what is there, but for what is open already: that stays open, whoever lets go of it meanwhile. */
async function openAll(folder: string, before: readonly Held[]): Promise<Opened> {
  for (const one of before) one.lists += 1
  try {
    return await openNew(folder, before)
  } finally {
    letGo(before)
  }
}

async function openNew(folder: string, before: readonly Held[]): Promise<Opened> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : Promise.reject(error)))
  const held: Held[] = []
  let trouble: unknown
  for (const name of names.filter((file) => file.endsWith('.idx'))) {
    const path = join(folder, name.slice(0, -'.idx'.length))
    const known = before.find(({ pack }) => pack.name === path)
    try {
      held.push(known ?? { pack: await openPack(path), lists: 0 })
    } catch (error) {
      // Another program removed it meanwhile, and what was in it is in another one.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') trouble ??= error
    }
  }
  for (const one of held) one.lists += 1
  return { held, trouble, users: 0, isOver: false }
}
