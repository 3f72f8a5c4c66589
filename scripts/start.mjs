/** `npm start`: installs and builds what is missing, then serves the sample. Further arguments go to `carillon serve`. */
import { join } from 'node:path'
import { prepare, root } from './setup.mjs'

prepare()
// In this process, so that signals and the exit code need no passing on.
process.argv.splice(2, 0, 'serve', '--demo', join(root, 'config-repo-sample'))
await import('../cli/bin/carillon.js')
