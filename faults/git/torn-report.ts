import { table } from '../../bench/tools/numbers.js'
import { openWrapped } from './broken.js'
import { ENGINES } from './engines.js'
import { LAYOUTS, openPlace, type Place } from './places.js'
import type { Part, Scale } from './report.js'
import { type Enough, type Torn, watchForTears } from './torn.js'

/** In each layout and with each engine; the first line of issue 6 asks for 20,000 answers and 300 commits in all. */
const ENOUGH: Readonly<Record<Scale, Enough>> = {
  few: { answers: 500, commits: 10 },
  some: { answers: 3_000, commits: 40 },
  full: { answers: 7_000, commits: 300 },
}
const BROKEN: Enough = { answers: 300, commits: 10 }

interface Seen extends Torn {
  readonly name: string
}

/** Reads beside writers, over everything that there is, and over a tree that is broken on purpose. */
export async function reportTears(scale: Scale): Promise<Part> {
  const seen: Seen[] = []
  for (const engine of ENGINES)
    for (const layout of LAYOUTS) seen.push(await watch(`${layout}, ${engine.name}`, await openPlace(layout, engine), ENOUGH[scale]))
  const broken = await watch('broken on purpose', await openWrapped('at the label'), BROKEN)
  const row = ({ name, answers, commits, mixed, wrong }: Seen): readonly string[] => [
    name,
    ...[answers, commits, mixed.length, wrong.length].map(String),
  ]
  console.log(table([['reads beside a writer', 'answers', 'commits', 'mixed', 'wrong'], ...[...seen, broken].map(row)]))
  const formats = [...new Set(seen.flatMap(({ perFormat }) => [...perFormat.keys()]))]
  const ofFormat = (format: string): number => sum(seen, ({ perFormat }) => perFormat.get(format) ?? 0)
  console.log(`by format: ${formats.map((format) => `${format} ${ofFormat(format)}`).join('; ')}\n`)
  const violations = seen.flatMap(({ name, mixed, wrong }) => [...mixed, ...wrong].map((why) => `${name}: ${why}`))
  return {
    numbers: {
      answers: sum(seen, ({ answers }) => answers),
      commits: sum(seen, ({ commits }) => commits),
      mixed: sum(seen, ({ mixed }) => mixed.length),
      mixed_where_broken: broken.mixed.length,
    },
    violations: broken.mixed.length > 0 ? violations : [...violations, 'the tree that is broken on purpose was not found out'],
  }
}

async function watch(name: string, place: Place, enough: Enough): Promise<Seen> {
  try {
    const torn = await watchForTears({ ...place, enough })
    console.error(`watched  ${name}: ${torn.answers} answers, ${torn.commits} commits`)
    return { name, ...torn }
  } finally {
    await place.close()
  }
}

function sum(all: readonly Seen[], pick: (seen: Seen) => number): number {
  return all.reduce((total, seen) => total + pick(seen), 0)
}
