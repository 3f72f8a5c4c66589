/** Mocha's own report (`spec`, or `dot` in CI), a search of all that the run printed for secrets, and one plain line at the very end for scripts to read. */
import { writeFileSync, writeSync } from 'node:fs'
import { relative } from 'node:path'
import Mocha from 'mocha'
import { tracesIn } from './canary.mjs'
import { plainLine } from './lanes.mjs'

export default function report(runner, options) {
  const found = watchOutput()
  // The short report of CI prints no titles, a user's does: a secret in one fails both.
  runner.on('test', (test) => {
    for (const form of tracesIn(test.fullTitle())) found.add(`${form}, in a title`)
  })
  const Report = Mocha.reporters[process.env.CI === 'true' ? 'Dot' : 'Spec']
  const report = new Report(runner, options)
  const { stats: counts } = report
  const { TEST_COUNTS } = process.env
  // The mochas that tests start are counted by nobody.
  delete process.env.TEST_COUNTS
  // Whoever runs several of these sums up.
  if (TEST_COUNTS !== undefined) report.epilogue = () => Mocha.reporters.Base.list(report.failures)
  const times = process.env.TEST_TIMES === 'true' ? timeFiles(runner) : undefined
  const say = () => {
    if (found.size > 0) {
      writeSync(2, `A secret of the tests (scripts/canary.mjs) stands in this output: ${[...found].join(', ')}\n`)
      process.exitCode = 1
    }
    if (times !== undefined) writeSync(1, `${slowest(times)}\n`)
    const failures = counts.failures + (found.size > 0 ? 1 : 0)
    const all = { passes: counts.passes, failures, pending: counts.pending }
    if (TEST_COUNTS === undefined) writeSync(1, plainLine(all))
    else writeFileSync(TEST_COUNTS, JSON.stringify(all))
  }
  // On exit, because a late word of a program under test must not follow; behind mocha, which sets the exit code there.
  runner.once('end', () => setImmediate(() => process.once('exit', say)))
}

/** Milliseconds by file, of tests and hooks. */
function timeFiles(runner) {
  const times = new Map()
  const add = ({ file, duration = 0 }) => times.set(file, (times.get(file) ?? 0) + duration)
  runner.on('test end', add)
  runner.on('hook end', add)
  return times
}

function slowest(times) {
  const rows = [...times].sort(([, one], [, other]) => other - one).slice(0, 40)
  return rows.map(([file, ms]) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(process.cwd(), file ?? '')}`).join('\n')
}

/** Looks at everything that this process prints from now on; gives what was found, by form. */
function watchOutput() {
  const found = new Set()
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write
    let before = ''
    stream.write = (chunk, ...rest) => {
      // A secret may come in parts.
      const text = before + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1'))
      for (const form of tracesIn(text)) found.add(form)
      before = text.slice(-100)
      return write.call(stream, chunk, ...rest)
    }
  }
  return found
}
