import { type FSWatcher, watch } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

export interface Watch {
  close(): void
}

export interface WatchOptions {
  /** Folders to listen to; asked again at each look, so that new ones join. */
  readonly folders: () => readonly string[]
  /** Looks for changes; never runs twice at a time. What it rejects with goes to `onTrouble`. */
  readonly look: () => Promise<void>
  readonly onTrouble: (error: Error) => void
  /** Milliseconds between two looks without a hint. */
  readonly interval?: number
}

const BURST = 20

/**
 * Looks when the file system says that something happened (a hint: it may be late, doubled or missing) and at an
 * interval (the net). Neither keeps the process alive.
 */
export function watchFolders({ folders, look, onTrouble, interval = 500 }: WatchOptions): Watch {
  const watchers = new Map<string, FSWatcher>()
  let closed = false
  let running = false
  let hinted = false
  let timer: NodeJS.Timeout

  const listen = () => {
    const wanted = new Set(folders())
    for (const [folder, watcher] of watchers) if (!wanted.has(folder)) drop(folder, watcher)
    for (const folder of wanted) if (!watchers.has(folder)) add(folder)
  }
  const add = (folder: string) => {
    try {
      const watcher = watch(folder, { persistent: false }, run)
      watchers.set(folder, watcher)
      watcher.on('error', () => drop(folder, watcher))
    } catch {
      // The folder is absent or watches have run out: the interval sees changes too.
    }
  }
  const drop = (folder: string, watcher: FSWatcher) => {
    if (watchers.get(folder) === watcher) watchers.delete(folder)
    watcher.close()
  }

  const run = () => {
    hinted = true
    if (!running && !closed) void loop()
  }
  const loop = async () => {
    running = true
    clearTimeout(timer)
    const started = Date.now()
    while (hinted && !closed) {
      hinted = false
      await look().catch(onTrouble)
      // Hints come in bursts: a burst is worth one look more, not one each.
      if (hinted) await pause(BURST, undefined, { ref: false })
    }
    running = false
    if (closed) return
    listen()
    // A look that takes long must not fill the time of the thread.
    timer = setTimeout(run, Math.max(interval, 5 * (Date.now() - started))).unref()
  }
  run()

  return {
    close() {
      closed = true
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}
