/** `npm run faults -- NAME …`: runs faults/NAME.ts over what is built, as it would be shipped; lists the names when none is given. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodeOfNode, prepare, root } from './setup.mjs'

const [name, ...args] = process.argv.slice(2)
const names = readdirSync(join(root, 'faults')).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? [])

if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`There are no faults "${name}".`)
  console.log(`npm run faults -- NAME, where NAME is one of: ${names.join(', ')}`)
  process.exit(name === undefined ? 0 : 2)
}
prepare()
process.exit(await exitCodeOfNode(['--import', 'tsx/esm', join(root, 'faults', `${name}.ts`), ...args]))
