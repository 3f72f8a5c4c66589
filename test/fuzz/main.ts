import { parseArgs } from 'node:util'
import { findMissingTool } from '../tools/spring/class-path.js'
import { printDifference, printResult, printShrunk, printStage } from './report.js'
import { runFuzz } from './run.js'
import { shrink } from './shrink.js'
import { variants } from './variants.js'

const usage = `npm run fuzz -- --seeds N [--from SEED] [--only VARIANT] [--verbose] [--keep]

  Compares Carillon with the real Spring Cloud Config Server over generated repositories and requests.
  --seeds N       how many seeds (20)
  --from SEED     the first of them (1)
  --only VARIANT  only the seeds of one variant of the settings: ${variants.map(({ name }) => name).join(', ')}
  --verbose       whole answers, and what is running
  --self-check    a second Spring instead of Carillon: each difference is a fault of the fuzzer
  --shrink        takes away files and lines for as long as the difference remains, and prints what is left (some seconds each)
  --keep          servers and repositories stay until you press ctrl-c; with curl commands for each difference`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    'self-check': { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const fail = (message: string): never => {
  console.error(message)
  process.exit(2)
}

const wholeNumber = (name: 'seeds' | 'from'): number =>
  /^\d+$/.test(values[name]) ? Number(values[name]) : fail(`--${name}: got "${values[name]}", expected a whole number\n\n${usage}`)

if (values.help) {
  console.log(usage)
  process.exit(0)
}
if (values.only !== undefined && !variants.some(({ name }) => name === values.only)) fail(`--only: got "${values.only}"\n\n${usage}`)
const missing = findMissingTool()
if (missing !== undefined) fail(missing)

const { verbose, keep } = values
// Leaving through exit() ends the servers, a signal alone would not.
if (!keep) process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const result = await runFuzz({
  seeds: wholeNumber('seeds'),
  from: wholeNumber('from'),
  only: values.only,
  keep,
  onDifference: async (difference) => {
    printDifference(difference, verbose ? 'whole' : 'short')
    if (values.shrink) printShrunk(await shrink(difference))
  },
  peer: values['self-check'] ? 'spring' : 'carillon',
  onStage: verbose || keep ? printStage : () => {},
})
printResult(result)
if (keep) {
  console.log('The servers stay up until ctrl-c.')
  await new Promise((resolve) => process.once('SIGINT', resolve))
  await result.close()
}
process.exit(result.different > 0 ? 1 : 0)
