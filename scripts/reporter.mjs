/** Mocha's own report (`spec`, or `dot` in CI), and one plain line at the very end for scripts to read. */
import { writeSync } from 'node:fs'
import Mocha from 'mocha'

export default function report(runner, options) {
  const Report = Mocha.reporters[process.env.CI === 'true' ? 'Dot' : 'Spec']
  const counts = new Report(runner, options).stats
  const say = () => writeSync(1, `${counts.passes} passed, ${counts.failures} failed, ${counts.pending} skipped\n`)
  // On exit, because a late word of a program under test must not follow.
  runner.once('end', () => process.once('exit', say))
}
