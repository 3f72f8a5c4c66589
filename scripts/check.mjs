/** `npm run check [-- STEP …]`: everything that can be said about the sources without running them. Exit code 1 when a step fails. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled, packages, root } from './setup.mjs'

const steps = new Map([
  ['types', { says: 'types, build (tsc)', commands: [['typescript/bin/tsc', '-b']] }],
  [
    'lint',
    {
      says: 'lint, format, layers (biome)',
      commands: [['@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=100']],
    },
  ],
  ['dead-code', { says: 'dead code, dependencies (knip)', commands: [['knip/bin/knip.js', '--no-progress']] }],
  ['packages', { says: 'what is published (publint)', commands: packages.map((name) => ['publint/src/cli.js', name, '--strict']) }],
])

ensureInstalled()
const names = process.argv.length > 2 ? process.argv.slice(2) : [...steps.keys()]
const unknown = names.find((name) => !steps.has(name))
if (unknown !== undefined) {
  console.error(`There is no step "${unknown}"; there are: ${[...steps.keys()].join(', ')}`)
  process.exit(2)
}

const failed = names.filter((name) => !passes(steps.get(name)))
console.log(failed.length === 0 ? `${names.length} of ${names.length} steps passed` : `failed: ${failed.join(', ')}`)
process.exit(failed.length === 0 ? 0 : 1)

function passes({ says, commands }) {
  const started = performance.now()
  const complaints = commands.flatMap(complaintOf)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${complaints.length === 0 ? 'ok    ' : 'FAILED'}  ${says.padEnd(32)} ${seconds.padStart(5)} s`)
  for (const complaint of complaints) console.log(complaint)
  return complaints.length === 0
}

/** What a command says when it fails; nothing when it passes. */
function complaintOf([program, ...args]) {
  const file = join(root, 'node_modules', program)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  return status === 0 ? [] : [`${stdout}${stderr}`]
}
