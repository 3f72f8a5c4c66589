/** What a demo leaves behind: nothing. A folder of its own, programs that end with it, and what else has to be undone. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../setup.mjs'

/** Of our own variables, what a program needs to run at all: settings of whoever runs the demo would change what it shows. */
const BASICS = ['PATH', 'HOME', 'LANG', 'SystemRoot']

/** Opens a stage: `{ folder, start, git, undoing, clear }`. A signal or an exit clears it, too. */
export function openStage() {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-demo-'))
  const undo = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })]
  const programs = []
  /** Works without waiting, so that it can run while a process exits. */
  const clear = () => {
    for (const { child } of programs) child.kill('SIGKILL')
    for (const each of undo.splice(0).reverse()) each()
  }
  process.once('exit', clear)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(128 + constants.signals[signal]))

  return {
    folder,
    clear,
    undoing: (step) => undo.push(step),
    /** Starts a Node.js program; each line of its output goes to `hear`. Gives `stop()`, which resolves to its exit code. */
    start: ({ args, env, hear }) => {
      // What they put into the folder for temporary files goes with ours.
      const program = startProgram({ args, env: { TMPDIR: folder, TEMP: folder, ...env }, hear })
      programs.push(program)
      return program
    },
    git: (cwd, ...args) => runGit(cwd, args),
  }
}

function startProgram({ args, env, hear }) {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...basics(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', hear)
  const stop = async () => {
    child.kill('SIGTERM')
    const [code, signal] = await ended
    return code ?? signal
  }
  return { child, stop }
}

function runGit(cwd, args) {
  const who = [
    '-c',
    'user.name=Kim',
    '-c',
    'user.email=kim@bell-street.example',
    '-c',
    'init.defaultBranch=main',
    '-c',
    'core.autocrlf=false',
  ]
  const env = { ...basics(), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
  const { status, stdout, stderr, error } = spawnSync('git', [...who, ...args], { cwd, env, encoding: 'utf8' })
  if (error || status !== 0) throw new Error(`git ${args[0]} failed: ${error?.message ?? stderr.trim()}`)
  return stdout.trim()
}

function basics() {
  return Object.fromEntries(BASICS.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
