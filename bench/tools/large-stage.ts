import { ask, get, SERVER_CORE, type Stage, start, type TakenUp, takeUp, until } from './large-server.js'
import { timeOfFixedWork } from './machine.js'
import { cpuMilliseconds, type Memory, memoryOf, watchMemory } from './memory.js'
import { median, quantile } from './numbers.js'
import type { Pinned } from './processes.js'

/** What is measured while no other server runs. CPU is that of the server and all that it starts: it says most where the machine does much else. */
export interface Alone {
  readonly clone_s: number
  readonly clone_mb: number
  readonly first_answer_ms: number
  readonly first_answer_cpu_ms: number
  /** Of the first views that the process makes at all: its code is not compiled yet. */
  readonly first_views_p99_ms: number
  readonly cold_p50_ms: number
  readonly cold_p99_ms: number
  readonly cold_cpu_ms: number
  /** What a fixed piece of work took right before and after, for whoever compares runs. */
  readonly machine_ms: number
  readonly memory_mb: number
  readonly memory_summed_mb: number
}

/** From a hook to the first answer with the commit, and to its announcement; the middle of all commits. */
export interface TakeUps {
  readonly take_up_ms: number
  readonly take_up_cpu_ms: number
  readonly announced_ms: number
}

const STARTS = 5
/** Processes that views are measured in: of what the machine does beside them, the middle one says least. */
const ROUNDS = 3
const FIRST_VIEWS = 40
const COLD_VIEWS = 400
const WATCHED_COMMITS = 5
const WARM_UP = 10
const COMMITS = 25
/** Clones, starts again and again, asks for views (the middle of three processes), and takes some commits up to see what memory that needs. */
export async function measureAlone(stage: Stage): Promise<Alone> {
  const clone = await measureClone(stage)
  const starts = await measureStarts(stage)
  const rounds: Views[] = []
  // Of one flat folder all takes so long that once has to do: nothing is judged by it.
  for (let round = 0; round < (stage.layout.kind === 'flat' ? 1 : ROUNDS); round++) {
    // V8 compiles and collects in threads beside: on one core these would be measured with the views.
    rounds.push(await during(stage, 'any', (server) => measureViews(server, stage)))
  }
  const middle = (fact: keyof Views): number => median(rounds.map((round) => round[fact]))
  const memory = await during(stage, SERVER_CORE, async (server) => {
    await measureViews(server, stage)
    return measureMemory(server, stage)
  })
  return {
    ...clone,
    ...starts,
    first_views_p99_ms: middle('first_views_p99_ms'),
    cold_p50_ms: middle('cold_p50_ms'),
    cold_p99_ms: middle('cold_p99_ms'),
    cold_cpu_ms: middle('cold_cpu_ms'),
    machine_ms: middle('machine_ms'),
    memory_mb: memory.resident,
    memory_summed_mb: memory.summed,
  }
}

async function during<Result>(stage: Stage, core: number | 'any', work: (server: Pinned) => Promise<Result>): Promise<Result> {
  const server = await start(stage, core)
  const result = await work(server)
  await server.stop()
  return result
}

type Views = Pick<Alone, 'first_views_p99_ms' | 'cold_p50_ms' | 'cold_p99_ms' | 'cold_cpu_ms' | 'machine_ms'>

async function measureViews(server: Pinned, { layout }: Stage): Promise<Views> {
  await get(server, layout.views.at(-1) ?? '')
  // The last of all views is known by now.
  const views = layout.views.slice(0, -1)
  const first = await timesOf(server, views.slice(0, FIRST_VIEWS))
  const work = timeOfFixedWork()
  const before = cpuMilliseconds(server.pid)
  const cold = await timesOf(server, views.slice(FIRST_VIEWS, FIRST_VIEWS + COLD_VIEWS))
  return {
    first_views_p99_ms: quantile(first, 0.99),
    cold_p50_ms: median(cold),
    cold_p99_ms: quantile(cold, 0.99),
    cold_cpu_ms: (cpuMilliseconds(server.pid) - before) / cold.length,
    machine_ms: Math.max(work, timeOfFixedWork()),
  }
}

async function measureStarts(stage: Stage): Promise<Pick<Alone, 'first_answer_ms' | 'first_answer_cpu_ms'>> {
  const times: number[] = []
  const cpu: number[] = []
  for (let round = 0; round < STARTS; round++) {
    const started = performance.now()
    const server = await start(stage)
    await get(server, stage.layout.views.at(-1) ?? '')
    times.push(performance.now() - started)
    cpu.push(cpuMilliseconds(server.pid))
    await server.stop()
  }
  return { first_answer_ms: median(times), first_answer_cpu_ms: median(cpu) }
}

/** The servers take the same number of commits up in turns: what else the machine does meets all alike. */
export async function measureTakeUps(stages: readonly Stage[]): Promise<readonly TakeUps[]> {
  const servers = await Promise.all(stages.map((stage) => start(stage)))
  const taken = stages.map((): TakenUp[] => [])
  for (let round = 0; round < WARM_UP + COMMITS; round++) {
    for (const [index, stage] of stages.entries()) {
      const one = await takeUp(servers[index] as Pinned, stage)
      if (round >= WARM_UP) taken[index]?.push(one)
    }
  }
  await Promise.all(servers.map((server) => server.stop()))
  return taken.map((all) => ({
    take_up_ms: median(all.map(({ answered }) => answered)),
    take_up_cpu_ms: all.reduce((sum, { cpu }) => sum + cpu, 0) / all.length,
    announced_ms: median(all.map(({ announced }) => announced)),
  }))
}

async function measureClone(stage: Stage): Promise<Pick<Alone, 'clone_s' | 'clone_mb'>> {
  const started = performance.now()
  const server = await start(stage)
  const memory = watchMemory(server.pid, 50)
  await until('a clone', async () => (await fetch(`${server.url}${stage.layout.views[0]}`)).status === 200)
  const seconds = (performance.now() - started) / 1000
  await server.stop()
  return { clone_s: seconds, clone_mb: memory.stop().resident }
}

/** One after the other. */
async function timesOf(server: Pinned, views: readonly string[]): Promise<readonly number[]> {
  const times: number[] = []
  for (const view of views) {
    const started = performance.now()
    await ask(server, view)
    times.push(performance.now() - started)
  }
  return times
}

async function measureMemory(server: Pinned, stage: Stage): Promise<Memory> {
  const before = memoryOf(server.pid)
  const watch = watchMemory(server.pid)
  for (let commit = 0; commit < WATCHED_COMMITS; commit++) await takeUp(server, stage)
  const during = watch.stop()
  return { resident: Math.max(before.resident, during.resident), summed: Math.max(before.summed, during.summed) }
}
