import { table } from '../../bench/tools/numbers.js'
import { PHASES, pointsOf, runCrashes } from './crash.js'
import { ENGINES } from './engines.js'
import type { Part, Scale } from './report.js'

const DEATHS: Readonly<Record<Scale, number>> = { few: 3, some: 8, full: 30 }

/** Servers that die where it hurts most, and what they answer when they are started again. */
export async function reportCrashes(scale: Scale): Promise<Part> {
  const rows: string[][] = []
  const violations: string[] = []
  let all = 0
  for (const engine of ENGINES) {
    for (const phase of PHASES) {
      const { deaths, healed, violations: found } = await runCrashes({ phase, engine, deaths: DEATHS[scale] })
      console.error(`${found.length === 0 ? 'ok    ' : 'FAILED'}  killed in ${phase}, ${engine.name}: ${deaths} times`)
      const points = String(pointsOf(phase, engine).length)
      rows.push([phase, engine.name, points, String(deaths), Math.max(...healed).toFixed(0), String(found.length)])
      violations.push(...found)
      all += deaths
    }
  }
  console.log(`${table([['killed in', 'engine', 'points', 'deaths', 'slowest right answer ms', 'violations'], ...rows])}\n`)
  return { numbers: { deaths: all }, violations }
}
