/** Programs that go on after whoever started them has ended: found again by process id and start time, and stopped by it. */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'

/** Starts a program that outlives this process; its output goes to `log`. Resolves to `{ pid, born }`. */
export function startDetached({ command, args = [], env = {}, cwd, log }) {
  mkdirSync(dirname(log), { recursive: true })
  const output = openSync(log, 'a')
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', output, output] })
    closeSync(output)
    child.once('error', (cause) => reject(new Error(`${command} does not start: ${cause.message}`, { cause })))
    child.once('spawn', () => {
      child.unref()
      resolve({ pid: child.pid, born: bornAt(child.pid) })
    })
  })
}

/** Whether this very process still runs; a number that was given to another process since does not count. */
export function isAlive({ pid, born }) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  const state = statOf(pid)
  return state === undefined ? born === undefined : state.state !== 'Z' && (born === undefined || state.born === born)
}

/** Sends a signal to a process if it is still the one that was started. */
export function signal(one, name) {
  if (!isAlive(one)) return
  try {
    process.kill(one.pid, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** When a process began, in the kernel's own count; `undefined` where /proc does not exist. */
export function bornAt(pid) {
  return statOf(pid)?.born
}

/** Whether somebody takes connections there. */
export function accepts({ host, port }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 })
    const say = (answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => say(true))
    socket.once('timeout', () => say(false))
    socket.once('error', () => say(false))
  })
}

/**
 * Ports of the loopback address that are free now. Below the range that the system takes for outgoing connections: a port of that range may connect to itself
 * while its server is away.
 */
export async function freePorts(count) {
  const found = new Set()
  while (found.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

/** Asks again until the answer is yes. When the program has ended or the deadline has passed it calls `giveUp` and throws what `complain` says. */
export async function waitUntil({ ready, runs, deadline, complain, giveUp }) {
  const until = Date.now() + deadline
  while (!(await ready())) {
    const why = runs() ? Date.now() > until && `it was not ready after ${deadline / 1000} s` : 'it ended'
    if (why) {
      giveUp()
      throw new Error(complain(why))
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Runs a program to its end; `undefined` when all went well, otherwise what it said last. */
export function complaintOf(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options })
  if (error) return error.message
  return status === 0 ? undefined : `${stderr || stdout}`.trim().split('\n').slice(-5).join('\n') || `exit code ${status}`
}

/** The end of a log, for a message. */
export function tailOf(path) {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-15).join('\n')
  } catch {
    return '(no log)'
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)))
  })
}

function statOf(pid) {
  try {
    // The name of the program stands in parentheses and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')
    return { state: fields[0], born: fields[19] }
  } catch {
    return undefined
  }
}
