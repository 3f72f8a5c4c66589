/** What is known about the running brokers, in one file; and one process at a time that changes it. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bornAt, isAlive } from './processes.mjs'

/** Who holds the brokers that runs them for a person: it stays until somebody says `down`. */
export const USER = 'user'

/** A holder that is this process: it holds nothing any more once it has ended. */
export function thisProcess() {
  return { pid: process.pid, born: bornAt(process.pid) }
}

export function readState(cache) {
  try {
    const { brokers = {}, holders = [], privates = [] } = JSON.parse(readFileSync(fileOf(cache), 'utf8'))
    return { brokers, holders: holders.filter((holder) => holder === USER || isAlive(holder)), privates }
  } catch {
    return { brokers: {}, holders: [], privates: [] }
  }
}

export function writeState(cache, state) {
  const draft = `${fileOf(cache)}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(draft, fileOf(cache))
}

export function isSameHolder(one, other) {
  return one === other || (one.pid !== undefined && one.pid === other.pid && one.born === other.born)
}

/** Takes the lock, waiting as long as it takes: whoever holds it installs something, perhaps. A lock whose owner has died is taken over. Returns what gives it back. */
export async function lock(cache) {
  let release = tryLock(cache)
  while (release === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    release = tryLock(cache)
  }
  return release
}

/** The same for a process that is about to end and can wait for nothing asynchronous. */
export function lockSync(cache) {
  let release = tryLock(cache)
  while (release === undefined) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
    release = tryLock(cache)
  }
  return release
}

function tryLock(cache) {
  const path = join(cache, 'lock')
  mkdirSync(dirname(path), { recursive: true })
  try {
    const file = openSync(path, 'wx')
    writeSync(file, JSON.stringify(thisProcess()))
    closeSync(file)
    return () => rmSync(path, { force: true })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isHeld(path)) rmSync(path, { force: true })
    return undefined
  }
}

function isHeld(path) {
  try {
    const text = readFileSync(path, 'utf8')
    // An owner that has not yet written who it is lives for as long as the file is young.
    return text === '' ? Date.now() - statSync(path).mtimeMs < 1000 : isAlive(JSON.parse(text))
  } catch {
    return true
  }
}

function fileOf(cache) {
  return join(cache, 'state.json')
}
