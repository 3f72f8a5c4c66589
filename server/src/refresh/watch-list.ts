import type { Trace } from '@carillon/bus'
import type { Tree } from '../trees/tree.js'
import type { Announcer } from './announcer.js'

/** One tree whose changes are announced. */
export interface Watched {
  /** Names its record on disk: the same after a restart, another for each tree. */
  readonly name: string
  /** Without credentials. */
  readonly uri: string
  readonly tree: Tree
}

/** The trees whose changes are announced, by name. */
export interface WatchList<Item extends Watched> {
  readonly get: (name: string) => Item | undefined
  readonly all: () => readonly Item[]
  readonly add: (item: Item) => void
  readonly remove: (name: string) => void
  /** The label of a tree may have moved, because of a request that belongs to a trace. Never waits. */
  readonly moved: (name: string, label: string, cause?: Trace) => void
  readonly lookAtAll: () => void
  /** Resolves when no announcement is under way any more. */
  readonly close: () => Promise<void>
}

interface Entry<Item> {
  readonly item: Item
  readonly announcer: Promise<Announcer>
}

/** Opening an announcer may take a moment and must not fail. One that is opened again under its name waits for the end of the one before. */
export function createWatchList<Item extends Watched>(openAnnouncer: (item: Item) => Promise<Announcer>): WatchList<Item> {
  const entries = new Map<string, Entry<Item>>()
  const ending = new Map<string, Promise<void>>()

  const remove = (name: string): void => {
    const entry = entries.get(name)
    if (entry === undefined) return
    entries.delete(name)
    const end: Promise<void> = entry.announcer
      .then((announcer) => announcer.close())
      .then(() => {
        if (ending.get(name) === end) ending.delete(name)
      })
    ending.set(name, end)
  }
  return {
    get: (name) => entries.get(name)?.item,
    all: () => [...entries.values()].map(({ item }) => item),
    add: (item) => {
      remove(item.name)
      const before = ending.get(item.name) ?? Promise.resolve()
      entries.set(item.name, { item, announcer: before.then(() => openAnnouncer(item)) })
    },
    remove,
    moved: (name, label, cause) => void entries.get(name)?.announcer.then((announcer) => announcer.look(label, cause)),
    lookAtAll: () => {
      for (const { announcer } of entries.values()) void announcer.then((found) => found.lookAtAll())
    },
    close: async () => {
      for (const name of [...entries.keys()]) remove(name)
      await Promise.all(ending.values())
    },
  }
}
