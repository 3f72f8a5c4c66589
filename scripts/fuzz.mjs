/** `npm run fuzz -- --seeds N …`: compares Carillon, as it is built, with the real Spring Cloud Config Server; `--help` lists the rest. */
import { join } from 'node:path'
import { exitCodeOfNode, prepare, root } from './setup.mjs'

prepare()
const main = join(root, 'test/fuzz/main.ts')
process.exit(await exitCodeOfNode(['--import', 'tsx/esm', '--conditions=@carillon/source', main, ...process.argv.slice(2)]))
