/** `npm run bench -- NAME …`: runs bench/NAME.ts over what is built, as it would be shipped; lists the names when none is given. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodeOfNode, prepare, root } from './setup.mjs'

const [name, ...args] = process.argv.slice(2)
const names = existsSync(join(root, 'bench')) ? readdirSync(join(root, 'bench')).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []) : []

if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`There is no benchmark "${name}".`)
  console.log(`npm run bench -- NAME, where NAME is one of: ${names.join(', ') || '(none yet)'}`)
  process.exit(name === undefined ? 0 : 2)
}
prepare()
process.exit(await exitCodeOfNode(['--import', 'tsx/esm', join(root, 'bench', `${name}.ts`), ...args]))
