/**
 * Makes a checkout ready to run: dependencies installed, sources compiled. Without dependencies of its own, because it
 * runs before there are any, and silent and quick when there is nothing to do, because every command calls it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The workspaces, lowest layer first. */
export const packages = ['environment', 'bus', 'client', 'server', 'cli']
const installStamp = join(root, 'node_modules', '.carillon-installed')
const buildStamp = join(root, '.cache', 'built')

/** Runs `npm ci` when what is installed is not what package-lock.json says; without that, npm and the network are not touched. Throws when npm fails. */
export function ensureInstalled() {
  const wanted = lockFingerprint()
  if (readOrEmpty(installStamp) === wanted) return
  locked('install', () => {
    if (readOrEmpty(installStamp) === wanted) return
    if (!isInstalled()) npmCi()
    writeFileSync(installStamp, wanted)
  })
}

/** Compiles what `cli` needs when a source, a configuration file or the lock file changed since the last time. Throws when the compiler finds errors. */
export function ensureBuilt() {
  if (isBuilt()) return
  locked('build', () => {
    // Whoever held the lock before us may have done the work.
    const fingerprint = sourcesFingerprint()
    if (isBuilt(fingerprint)) return
    say('Building …')
    // The compiler looks at its own notes and not at dist: without dist it has to be told.
    const force = packages.every(hasOutput) ? [] : ['--force']
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    run(process.execPath, [tsc, '-b', 'cli', ...force], 'The build failed; the messages of the compiler are above.')
    mkdirSync(dirname(buildStamp), { recursive: true })
    writeFileSync(buildStamp, fingerprint)
  })
}

/** Installs and builds; a failure ends the process with one message instead of a stack. */
export function prepare() {
  try {
    ensureInstalled()
    ensureBuilt()
  } catch (error) {
    say(error.message)
    process.exit(1)
  }
}

/** Runs Node.js with the terminal of this process; resolves to its exit code (128 + n after signal n). */
export function exitCodeOfNode(args, { stdio = 'inherit', env = {} } = {}) {
  const child = spawn(process.execPath, args, { cwd: root, stdio, env: { ...process.env, ...env } })
  // Ctrl-C reaches the child without us: it decides when it is done. What reaches only us is handed on.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

function isBuilt(fingerprint = sourcesFingerprint()) {
  return readOrEmpty(buildStamp) === fingerprint && packages.every(hasOutput)
}

function hasOutput(name) {
  return existsSync(join(root, name, 'dist', 'index.js'))
}

/** Names, sizes and times are enough: a compiler run too many is harmless, and reading every file costs more. */
function sourcesFingerprint() {
  const hash = createHash('sha256').update(lockFingerprint())
  const add = (path) => {
    const { size, mtimeMs } = statSync(path)
    hash.update(`\n${path} ${size} ${mtimeMs}`)
  }
  add(join(root, 'tsconfig.base.json'))
  for (const name of packages) {
    add(join(root, name, 'package.json'))
    add(join(root, name, 'tsconfig.json'))
    for (const path of filesBelow(join(root, name, 'src'))) add(path)
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
}

function lockFingerprint() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

/**
 * Somebody may have called npm by hand: npm keeps beside the packages what it has put there. Optional packages are for
 * other systems; everything else must be there in the version of the lock file.
 */
function isInstalled() {
  const there = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  const wanted = packagesOf(join(root, 'package-lock.json'))
  return Object.entries(wanted).every(([path, entry]) => {
    if (entry.optional || !path.startsWith('node_modules/')) return true
    const found = there[path]
    return found !== undefined && found.version === entry.version && found.integrity === entry.integrity
  })
}

function packagesOf(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {}
}

function npmCi() {
  say('Installing dependencies (npm ci) …')
  const npm = process.env.npm_execpath
  const [file, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  run(file, args, 'npm ci failed; its messages are above. Without a network, an earlier install is needed.')
}

/** Standard output belongs to the command that is being prepared: everything here speaks on standard error. */
function run(file, args, complaint) {
  const { status, error } = spawnSync(file, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && file === 'npm',
  })
  if (error || status !== 0) throw new Error(error ? `${complaint} (${error.message})` : complaint)
}

function say(text) {
  writeSync(2, `${text}\n`)
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** One process at a time does the work; the others wait for it. A lock whose owner has died is taken over. */
function locked(name, work) {
  const path = join(root, '.cache', `${name}.lock`)
  mkdirSync(dirname(path), { recursive: true })
  while (!acquire(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  try {
    work()
  } finally {
    rmSync(path, { force: true })
  }
}

function acquire(path) {
  try {
    const file = openSync(path, 'wx')
    writeSync(file, String(process.pid))
    closeSync(file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isAlive(path)) rmSync(path, { force: true })
    return false
  }
}

function isAlive(path) {
  try {
    const owner = Number(readFileSync(path, 'utf8'))
    // An owner that has not yet written its id is alive for as long as the file is young.
    if (!owner) return Date.now() - statSync(path).mtimeMs < 1000
    process.kill(owner, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
