/** The whole suite in two processes beside each other: tests wait more than they compute, and the brokers' tests most of all. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodeOfNode } from './setup.mjs'

/** Whatever may use a broker or starts whole programs, in one lane; all others in the other, so that no folder is forgotten. */
const FIRST = ['bus', 'cli', 'client', 'examples', 'faults', 'interop', 'scripts'].map((name) => `test/${name}`)

/** Runs mocha with these arguments over the whole suite; ends with mocha's summary of both lanes and the plain line. Gives the exit code. */
export async function runLanes(mocha) {
  const started = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'carillon-lanes-'))
  try {
    const held = join(folder, 'output')
    const output = openSync(held, 'a')
    const codes = await Promise.all([
      exitCodeOfNode([...mocha, ...FIRST], { env: { TEST_COUNTS: join(folder, '0') } }),
      exitCodeOfNode([...mocha, ...FIRST.flatMap((path) => ['--ignore', `${path}/**`])], {
        env: { TEST_COUNTS: join(folder, '1') },
        // One after the other on the screen: two at a time nobody could read.
        stdio: ['ignore', output, output],
      }),
    ])
    closeSync(output)
    process.stdout.write(readFileSync(held))
    const lanes = codes.map((code, index) => countsOf(join(folder, String(index)), code))
    process.stdout.write(summary(lanes, Date.now() - started))
    return codes.find((code) => code !== 0) ?? 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A lane that ended before it could count has failed. */
function countsOf(path, code) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { passes: 0, failures: Math.max(code, 1), pending: 0 }
  }
}

function summary(lanes, ms) {
  const sum = (name) => lanes.reduce((all, lane) => all + lane[name], 0)
  const [passes, failures, pending] = ['passes', 'failures', 'pending'].map(sum)
  const time = ms < 60_000 ? `${Math.round(ms / 1000)}s` : `${Math.round(ms / 60_000)}m`
  const lines = [
    `  ${passes} passing (${time})`,
    ...(pending > 0 ? [`  ${pending} pending`] : []),
    ...(failures > 0 ? [`  ${failures} failing`] : []),
  ]
  return `\n${lines.join('\n')}\n\n${plainLine({ passes, failures, pending })}`
}

/** What scripts read. */
export function plainLine({ passes, failures, pending }) {
  return `${passes} passed, ${failures} failed, ${pending} skipped\n`
}
