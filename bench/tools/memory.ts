import { readdirSync, readFileSync } from 'node:fs'

/**
 * Memory of a process and of all that it started (MB). `resident` is all that the process has, and of each other one its part (PSS): several `git` share most of
 * what they have. `summed` counts that for each of them.
 */
export interface Memory {
  readonly resident: number
  readonly summed: number
}

/** Linux alone. A process that ends meanwhile counts for nothing. */
export function memoryOf(pid: number): Memory {
  const [own, ...others] = [...family(pid)].map(memoryOfOne)
  const sum = (pick: (memory: OfOne) => number): number => others.reduce((total, memory) => total + pick(memory), own?.whole ?? 0)
  return { resident: sum(({ part }) => part), summed: sum(({ whole }) => whole) }
}

/** CPU time that a process and all that it started have used, those that ended among them (ms; Linux: clock ticks of 10 ms). */
export function cpuMilliseconds(pid: number): number {
  return [...family(pid)].reduce((total, one) => total + cpuOfOne(one), 0)
}

function cpuOfOne(pid: number): number {
  const text = orNothing(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((total, ticks) => total + Number(ticks) * 10, 0)
}

/** Looks again and again, and tells the most that was seen. */
export function watchMemory(pid: number, interval = 20): { readonly stop: () => Memory } {
  let most = memoryOf(pid)
  const timer = setInterval(() => {
    const now = memoryOf(pid)
    most = { resident: Math.max(most.resident, now.resident), summed: Math.max(most.summed, now.summed) }
  }, interval)
  return {
    stop: () => {
      clearInterval(timer)
      return most
    },
  }
}

function* family(pid: number): Generator<number> {
  yield pid
  for (const thread of orNothing(() => readdirSync(`/proc/${pid}/task`), [])) {
    const children = orNothing(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '')
    for (const child of children.split(' ')) if (child !== '') yield* family(Number(child))
  }
}

interface OfOne {
  readonly whole: number
  readonly part: number
}

function memoryOfOne(pid: number): OfOne {
  const text = orNothing(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), '')
  const megabytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024
  return { whole: megabytes('Rss'), part: megabytes('Pss') }
}

function orNothing<T>(look: () => T, nothing: T): T {
  try {
    return look()
  } catch {
    return nothing
  }
}
