import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Program } from '../../../cli/src/running/child.js'
import { groupRuns } from '../../../cli/src/running/group.js'
import { type Supervising, type Supervision, supervise } from '../../../cli/src/running/supervise.js'
import { eventually, makeScratch } from '../../server/trees/repositories.js'

const scratch = makeScratch()

/** Says in a file what becomes of it. Only one can hold the folder `lock`: a second one says `two!`. On SIGTERM it takes a moment to let go. */
const PROGRAM = `
mkdir lock 2>/dev/null || echo two! >> said
let_go() { echo "term $A" >> said; sleep 0.1; rmdir lock; exit 0; }
trap let_go TERM
trap 'echo "hup $A" >> said' HUP
trap 'echo "int $A" >> said; rmdir lock; exit 130' INT
echo "start $A" >> said
while :; do sleep 0.02; done
`

interface Stage {
  readonly folder: string
  readonly said: () => readonly string[]
  readonly heard: (line: string) => Promise<unknown>
  readonly talk: string[]
  readonly supervise: (script: string, more?: Partial<Supervising>) => Supervision
}

function stage(): Stage {
  const folder = scratch.folder()
  const talk: string[] = []
  const running: Supervision[] = []
  const said = () => readFileSync(join(folder, 'said'), 'utf8').trim().split('\n').filter(Boolean)
  writeFileSync(join(folder, 'said'), '')
  scratch.closing({
    close: async () => {
      for (const each of running) {
        each.signal('SIGTERM')
        await each.finished
      }
    },
  })
  return {
    folder,
    said,
    heard: (line) => eventually(said, (lines) => lines.includes(line)),
    talk,
    supervise: (script, more = {}) => {
      const supervision = supervise({
        program: file('sh', '-c', `cd ${folder}; exec 2>/dev/null\n${script}`),
        environment: variables('1'),
        onChange: { kind: 'restart' },
        grouping: 'own',
        graceMs: 5000,
        arrivesAnyway: () => false,
        say: (text) => talk.push(text),
        ...more,
      })
      running.push(supervision)
      return supervision
    },
  }
}

const file = (path: string, ...args: readonly string[]): Program => ({ kind: 'file', file: path, args })
const variables = (a: string): Record<string, string> => ({ PATH: process.env.PATH ?? '', A: a })

describe('supervise', () => {
  afterEach(() => scratch.clear())

  it('starts a program again with new variables, and never two at a time', async () => {
    const { said, heard, ...on } = stage()
    const running = on.supervise(PROGRAM)
    await heard('start 1')
    running.configure(variables('2'))
    await heard('start 2')
    running.configure(variables('3'))
    running.configure(variables('4'))
    await heard('start 4')
    running.signal('SIGTERM')
    expect(await running.finished).to.equal(0)
    expect(said()).to.deep.equal(['start 1', 'term 1', 'start 2', 'term 2', 'start 4', 'term 4'])
  })

  it('waits for all that the program had started: a wrapper that hands nothing on, as npm, may be gone before', async () => {
    const { said, heard, folder, ...on } = stage()
    writeFileSync(join(folder, 'program.sh'), PROGRAM)
    const running = on.supervise('sh program.sh & wait')
    await heard('start 1')
    running.configure(variables('2'))
    await heard('start 2')
    expect(said()).to.deep.equal(['start 1', 'term 1', 'start 2'])
    running.signal('SIGTERM')
    expect(await running.finished).to.equal(143)
    expect(said()).to.include('term 2')
  })

  it('kills a program that does not go within its grace, and what it left behind', async () => {
    const { said, heard, ...on } = stage()
    const running = on.supervise(
      `trap '' TERM; (echo "inner $A" >> said; while :; do sleep 0.02; done) & echo "start $A" >> said; wait; sleep 60`,
      {
        graceMs: 150,
      },
    )
    await heard('start 1')
    await heard('inner 1')
    running.configure(variables('2'))
    await heard('inner 2')
    expect(said()).to.have.members(['start 1', 'inner 1', 'start 2', 'inner 2'])
    // A restart that is under way keeps its grace when somebody wants an end to it all.
    running.configure(variables('3'))
    running.signal('SIGTERM')
    expect(await running.finished).to.equal(137)
  })

  it('gives a program that somebody else ends all the time it takes', async () => {
    const { said, heard, ...on } = stage()
    const running = on.supervise(`trap 'sleep 0.4; echo done >> said; exit 4' TERM; echo start >> said; while :; do sleep 0.02; done`, {
      graceMs: 50,
    })
    await heard('start')
    running.signal('SIGTERM')
    expect(await running.finished).to.equal(4)
    expect(said()).to.deep.equal(['start', 'done'])
  })

  it('sends a signal for a change where it shall, and leaves the program running', async () => {
    const { said, heard, ...on } = stage()
    const running = on.supervise(PROGRAM, { onChange: { kind: 'signal', signal: 'SIGHUP' }, grouping: 'shared' })
    await heard('start 1')
    running.configure(variables('2'))
    await heard('hup 1')
    running.signal('SIGINT')
    expect(await running.finished).to.equal(130)
    expect(said()).to.deep.equal(['start 1', 'hup 1', 'int 1'])
  })

  it('hands nothing on that the program gets from its terminal', async () => {
    const { said, heard, ...on } = stage()
    const running = on.supervise(PROGRAM, { grouping: 'shared', arrivesAnyway: (signal) => signal === 'SIGINT' })
    await heard('start 1')
    running.signal('SIGINT')
    running.signal('SIGHUP')
    await heard('hup 1')
    expect(said()).to.deep.equal(['start 1', 'hup 1'])
  })

  const ends: readonly (readonly [string, Program, number, RegExp?])[] = [
    ['its exit code', file('sh', '-c', 'exit 7'), 7],
    ['128 + n after a signal', file('sh', '-c', 'kill -9 $$'), 137],
    ['what a line says to the shell', { kind: 'line', line: 'exit $((A + 40))' }, 41],
    ['127 without such a program', file('no-such-program'), 127, /^no-such-program cannot be started: there is no such program$/],
    ['126 for what is no program', file('/etc'), 126, /may not be run/],
    ['126 for arguments that no system takes', file('sh', 'a\0b'), 126, /zero byte/],
    ['126 for too many variables', file('sh', 'x'.repeat(5_000_000)), 126, /too large/],
  ]
  for (const [what, program, code, message] of ends) {
    it(`finishes with ${what}`, async () => {
      const { talk, ...on } = stage()
      expect(await on.supervise('', { program }).finished).to.equal(code)
      expect(talk.join()).to.match(message ?? /^$/)
    })
  }
})

describe('groupRuns', () => {
  it('does not count what has ended and is asked for by nobody', async function () {
    if (process.platform !== 'linux') {
      process.stderr.write('      skipped: only Linux tells in /proc what has ended\n')
      return this.skip()
    }
    // With `set -m` each job leads a group; `exec` makes a parent of the shell that never asks for it.
    const parent = spawn('bash', ['-c', 'set -m; sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = new Promise((resolve) => parent.once('close', resolve))
    const group = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
    expect(groupRuns(group)).to.equal(true)
    await eventually(
      () => groupRuns(group),
      (runs) => !runs,
    )
    expect(process.kill(-group, 0)).to.equal(true)
    parent.kill('SIGKILL')
    await ended
    expect(groupRuns(parent.pid ?? 0)).to.equal(false)
  })
})
