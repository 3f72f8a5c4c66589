/** `npm run demo [-- --bus rabbitmq|kafka|none]`: a server, two instances, a commit, a signed webhook, and what becomes of them. Ends by itself. */
import { parseArgs } from 'node:util'
import { prepare } from './setup.mjs'

const choices = ['rabbitmq', 'kafka', 'none']
const { bus } = readArguments()
prepare()
// Whoever reads may have seen enough: `npm run demo | head`.
process.stdout.on('error', () => process.exit(1))
const { play } = await import('./demo/play.mjs')
process.exit(await play({ bus }))

function readArguments() {
  try {
    const { values } = parseArgs({ options: { bus: { type: 'string' } } })
    if (values.bus === undefined || choices.includes(values.bus)) return values
    console.error(`Got --bus ${values.bus}, expected one of: ${choices.join(', ')}`)
  } catch (error) {
    console.error(error.message)
  }
  return process.exit(2)
}
