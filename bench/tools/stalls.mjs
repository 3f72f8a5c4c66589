// Loaded into a server (node --import): on SIGUSR2 writes to the file BENCH_STALLS for how long at most its main thread did not turn since the last time (ms),
// and how long at most it computed between two turns, which says the same on a machine that does much else.
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const computed = clockOfThread()
  let last = computed()
  let longest = 0
  setInterval(() => {
    const now = computed()
    longest = Math.max(longest, now - last)
    last = now
  }, 1).unref()
  process.on('SIGUSR2', () => {
    writeFileSync(process.env.BENCH_STALLS ?? '', JSON.stringify({ longest: delay.max / 1e6, computed: longest }))
    delay.reset()
    longest = 0
    last = computed()
  })
}

/** CPU time of this thread in ms (Linux; the file's first number is in ns), 0 where that cannot be known. */
function clockOfThread() {
  const path = `/proc/self/task/${process.pid}/schedstat`
  try {
    readFileSync(path)
  } catch {
    return () => 0
  }
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(64)
  process.once('exit', () => closeSync(file))
  return () => Number.parseInt(buffer.toString('latin1', 0, readSync(file, buffer, 0, 64, 0)), 10) / 1e6
}
