import { expect } from 'chai'
import fc from 'fast-check'
import {
  advance,
  begin,
  type ChildEnd,
  changedVariables,
  type OnChange,
  type SupervisorAction,
  type SupervisorEvent,
  type SupervisorState,
} from '../../../cli/src/running/supervisor.js'

const restart: OnChange = { kind: 'restart' }
const clean: ChildEnd = { kind: 'exited', code: 0 }
const first = { A: '1' }

/** Events in short: `A=2` new variables, `SIGx` from outside, `ended 3`, `killed SIGx`, `cleared`, `grace over`. */
function eventOf(text: string): SupervisorEvent {
  if (text.startsWith('SIG')) return { kind: 'signalled', signal: text as NodeJS.Signals }
  if (text === 'cleared') return { kind: 'cleared' }
  if (text === 'grace over') return { kind: 'grace-over' }
  const [word, rest = ''] = text.split(' ')
  if (word === 'ended') return { kind: 'ended', end: { kind: 'exited', code: Number(rest) } }
  if (word === 'killed') return { kind: 'ended', end: { kind: 'killed', signal: rest as NodeJS.Signals } }
  return { kind: 'configured', environment: Object.fromEntries(text.split(',').map((pair) => pair.split('=') as [string, string])) }
}

function actionText(action: SupervisorAction): string {
  switch (action.kind) {
    case 'start':
      return `start ${JSON.stringify(action.environment)}`
    case 'forward':
    case 'notify':
    case 'stop':
      return `${action.kind} ${action.signal}`
    case 'finish':
      return `finish ${action.end.kind === 'killed' ? action.end.signal : action.end.code}`
    default:
      return action.kind
  }
}

function play(events: readonly string[], onChange: OnChange = restart): readonly string[] {
  let { state } = begin(first)
  return events.flatMap((text) => {
    const step = advance(state, eventOf(text), onChange)
    state = step.state
    return step.actions.map(actionText)
  })
}

const stop = ['stop SIGTERM', 'grant-grace']
const rows: readonly { readonly what: string; readonly events: readonly string[]; readonly actions: readonly string[] }[] = [
  { what: 'a child that ends by itself ends the command', events: ['ended 3'], actions: ['finish 3'] },
  { what: 'a child that somebody kills ends the command', events: ['killed SIGKILL'], actions: ['finish SIGKILL'] },
  {
    what: 'a change stops it, and starts it when all of it has gone',
    events: ['A=2', 'killed SIGTERM', 'cleared'],
    actions: [...stop, 'await-cleared', 'start {"A":"2"}'],
  },
  { what: 'variables that are the same change nothing', events: ['A=1'], actions: [] },
  {
    what: 'changes while it goes are one start, with the newest',
    events: ['A=2', 'A=3', 'killed SIGTERM', 'A=4', 'cleared'],
    actions: [...stop, 'await-cleared', 'start {"A":"4"}'],
  },
  {
    what: 'it starts again even when a change was taken back on the way',
    events: ['A=2', 'A=1', 'ended 0', 'cleared'],
    actions: [...stop, 'await-cleared', 'start {"A":"1"}'],
  },
  {
    what: 'a child that does not go is killed',
    events: ['A=2', 'grace over', 'killed SIGKILL', 'cleared'],
    actions: [...stop, 'stop SIGKILL', 'await-cleared', 'start {"A":"2"}'],
  },
  {
    what: 'what it leaves behind is killed, too',
    events: ['A=2', 'ended 0', 'grace over', 'cleared'],
    actions: [...stop, 'await-cleared', 'stop SIGKILL', 'start {"A":"2"}'],
  },
  {
    what: 'one that ends right after a start ends the command',
    events: ['A=2', 'ended 0', 'cleared', 'ended 7'],
    actions: [...stop, 'await-cleared', 'start {"A":"2"}', 'finish 7'],
  },
  {
    what: 'SIGTERM is handed on, and no grace begins: how long that takes is not ours to say',
    events: ['SIGTERM'],
    actions: ['forward SIGTERM'],
  },
  {
    what: 'after SIGTERM no change starts anything',
    events: ['SIGTERM', 'A=2', 'ended 0', 'cleared'],
    actions: ['forward SIGTERM', 'grant-grace', 'await-cleared', 'finish 0'],
  },
  {
    what: 'nor after SIGINT',
    events: ['SIGINT', 'A=2', 'ended 130', 'cleared'],
    actions: ['forward SIGINT', 'grant-grace', 'await-cleared', 'finish 130'],
  },
  { what: 'a second SIGINT is handed on as well', events: ['SIGINT', 'SIGINT'], actions: ['forward SIGINT', 'forward SIGINT'] },
  {
    what: 'SIGHUP and SIGUSR2 are only handed on',
    events: ['SIGHUP', 'SIGUSR2', 'A=2'],
    actions: ['forward SIGHUP', 'forward SIGUSR2', ...stop],
  },
  {
    what: 'SIGTERM in the middle of a restart is the end, and its grace goes on',
    events: ['A=2', 'SIGTERM', 'grace over', 'killed SIGKILL', 'cleared'],
    actions: [...stop, 'forward SIGTERM', 'stop SIGKILL', 'grant-grace', 'await-cleared', 'finish SIGKILL'],
  },
  {
    what: 'SIGTERM when only what it started is left',
    events: ['A=2', 'killed SIGTERM', 'SIGTERM', 'cleared'],
    actions: [...stop, 'await-cleared', 'forward SIGTERM', 'finish SIGTERM'],
  },
  { what: 'nothing happens after the end', events: ['ended 0', 'A=2', 'SIGTERM', 'grace over', 'cleared'], actions: ['finish 0'] },
]

describe('advance', () => {
  for (const { what, events, actions } of rows) it(what, () => expect(play(events)).to.deep.equal(actions))

  it('signals once for each change, and compares with the one before', () => {
    const signal: OnChange = { kind: 'signal', signal: 'SIGHUP' }
    expect(play(['A=2', 'A=2', 'A=1', 'ended 0'], signal)).to.deep.equal(['notify SIGHUP', 'notify SIGHUP', 'finish 0'])
  })

  it('leaves a child alone where nothing shall happen', () => {
    expect(play(['A=2', 'ended 0'], { kind: 'none' })).to.deep.equal(['finish 0'])
  })

  it('has at most one child, starts none after an end was asked for, and finishes once, whatever comes', () => {
    const events = fc.array(fc.constantFrom('A=1', 'A=2', 'A=3', 'SIGTERM', 'SIGINT', 'SIGHUP', 'ends', 'clears', 'grace over'), {
      maxLength: 30,
    })
    fc.assert(fc.property(events, (texts) => liveThrough(texts)))
  })
})

describe('changedVariables', () => {
  it('names what was added, changed and taken away', () => {
    expect(changedVariables({ A: '1', B: '2', C: '3' }, { D: '', B: '2', A: '2' })).to.deep.equal(['A', 'C', 'D'])
  })
})

interface World {
  child: boolean
  left: boolean
  finished: number
  told: boolean
}

function liveThrough(texts: readonly string[]): void {
  const world: World = { child: true, left: false, finished: 0, told: false }
  let state: SupervisorState = begin(first).state
  for (const text of texts) {
    const event = possible(text, world)
    if (event === undefined) continue
    world.told ||= text === 'SIGTERM' || text === 'SIGINT'
    const step = advance(state, event, restart)
    state = step.state
    for (const action of step.actions) obey(action, world)
  }
}

function obey(action: SupervisorAction, world: World): void {
  if (action.kind === 'start') {
    expect(world).to.deep.equal({ child: false, left: false, finished: 0, told: false })
    world.child = true
  }
  if (action.kind === 'finish') {
    expect(world).to.include({ child: false, finished: 0 })
    world.finished++
  }
}

/** An event, if it can happen in a world where a child ends once and leaves something behind until it is cleared. */
function possible(text: string, world: World): SupervisorEvent | undefined {
  if (text === 'ends') {
    if (!world.child) return undefined
    Object.assign(world, { child: false, left: true })
    return { kind: 'ended', end: clean }
  }
  if (text === 'clears') {
    if (world.child || !world.left) return undefined
    world.left = false
    return { kind: 'cleared' }
  }
  return eventOf(text)
}
