/**
 * What readers see while the repository behind a server moves, hangs or is half written. `--full` tries as much as the project asks for, `--few` as much
 * as a test does; `--only torn,remote,crash` picks parts.
 */
import { reportCrashes } from './git/crash-report.js'
import { reportRemotes } from './git/remote-report.js'
import type { Part, Scale } from './git/report.js'
import { reportTears } from './git/torn-report.js'

const PARTS: Readonly<Record<string, (scale: Scale) => Promise<Part>>> = { torn: reportTears, remote: reportRemotes, crash: reportCrashes }

const args = process.argv.slice(2)
const scale: Scale = args.includes('--full') ? 'full' : args.includes('--few') ? 'few' : 'some'
const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').split(',') : Object.keys(PARTS)

// Servers and folders go when this process exits, which a signal alone would not let it do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

const violations: string[] = []
const numbers: Record<string, number> = {}
for (const [name, report] of Object.entries(PARTS)) {
  if (!only.includes(name)) continue
  const part = await report(scale)
  violations.push(...part.violations.map((violation) => `${name}: ${violation}`))
  Object.assign(numbers, part.numbers)
}
for (const violation of violations.slice(0, 20)) console.error(`FAILED  ${violation}`)
console.log(JSON.stringify({ report: 'faults-git', scale, ...numbers, violations: violations.length }))
process.exit(violations.length > 0 ? 1 : 0)
