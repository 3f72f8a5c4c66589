/** `npm test`: installs and builds what is missing, then runs mocha, the whole suite in two lanes. Arguments go to mocha: `npm test -- --grep placeholder`. */
import { join } from 'node:path'
import { runLanes } from './lanes.mjs'
import { exitCodeOfNode, prepare, root } from './setup.mjs'

prepare()

const { CI } = process.env
const given = process.argv.slice(2)
const withCoverage = given[0] === '--coverage'
const mocha = [
  join(root, 'node_modules/mocha/bin/mocha.js'),
  ...['--reporter', join(root, 'scripts/reporter.mjs')],
  // A test that cannot run says why; where everything must be there, that is a failure.
  ...(CI === 'true' ? ['--forbid-pending', '--forbid-only'] : []),
  ...(withCoverage ? given.slice(1) : given),
]
const coverage = withCoverage ? [join(root, 'node_modules/c8/bin/c8.js'), process.execPath] : []
process.exit(await (given.length === 0 ? runLanes(mocha) : exitCodeOfNode([...coverage, ...mocha])))
