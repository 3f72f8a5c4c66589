import { fileURLToPath } from 'node:url'
import { median } from './numbers.js'
import { cpuSeconds, type Pinned, runPinned } from './processes.js'

/** A request that is sent again and again. */
export interface Reading {
  readonly name: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

interface Load {
  readonly total: number
  readonly perSecond: number
  readonly p99: number
  readonly errors: number
  readonly refused: number
}

export interface Measured extends Load {
  readonly cpuMicroseconds: number
}

/** A server and what it is asked. */
export interface Asked {
  readonly server: Pinned
  readonly reading: Reading
}

const ROUNDS = 5
const SECONDS = 3
const LOAD_CORE = 1
const loader = fileURLToPath(new URL('./load.mjs', import.meta.url))

/** Measures two of them in turns, after both are warm: what else the machine does meets both alike. */
export async function compare(one: Asked, other: Asked): Promise<readonly [Measured, Measured]> {
  await measure(one, 1)
  await measure(other, 1)
  const [ones, others]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    ones.push(await measure(one, SECONDS))
    others.push(await measure(other, SECONDS))
  }
  return [middle(ones), middle(others)]
}

/** What came of measuring several in turns: the middle of each, and the middle of its ratios to the first, each ratio of one round. */
export interface Against {
  readonly measured: Measured
  readonly ratio: number
}

/**
 * Measures several beside the first, all of them in every round and in another order each time. A ratio is of two that were measured within seconds, so what
 * else the machine does falls out of it.
 */
export async function compareAll(
  all: readonly Asked[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<readonly Against[]> {
  for (const asked of all) await measure(asked, 1)
  const measured: Measured[][] = all.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < all.length; turn++) {
      const index = (turn + round) % all.length
      const asked = all[index]
      if (asked !== undefined) measured[index]?.push(await measure(asked, seconds))
    }
  }
  return measured.map((own) => ({
    measured: middle(own),
    ratio: median(own.map(({ cpuMicroseconds }, round) => cpuMicroseconds / (measured[0]?.[round]?.cpuMicroseconds ?? Number.NaN))),
  }))
}

async function measure({ server: { pid, url }, reading: { path, headers } }: Asked, seconds: number): Promise<Measured> {
  const before = cpuSeconds(pid)
  const loaded = JSON.parse(await runPinned(LOAD_CORE, [loader, `${url}${path}`, String(seconds), JSON.stringify(headers)])) as Load
  if (loaded.errors > 0 || loaded.refused > 0) throw new Error(`${url}${path}: ${loaded.errors} errors, ${loaded.refused} refused`)
  return { ...loaded, cpuMicroseconds: ((cpuSeconds(pid) - before) / loaded.total) * 1e6 }
}

function middle(rounds: readonly Measured[]): Measured {
  const of = (pick: (measured: Measured) => number): number => median(rounds.map(pick))
  return {
    total: of((round) => round.total),
    perSecond: of((round) => round.perSecond),
    p99: of((round) => round.p99),
    errors: 0,
    refused: 0,
    cpuMicroseconds: of((round) => round.cpuMicroseconds),
  }
}
