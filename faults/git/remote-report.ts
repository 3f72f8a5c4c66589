import { table } from '../../bench/tools/numbers.js'
import { inLanes } from '../tools/lanes.js'
import { ENGINES } from './engines.js'
import { openFragileRemote, REMOTE_FAULTS, type RemoteOutcome, runRemoteFault } from './remote.js'
import type { Part, Scale } from './report.js'

const TIMES: Readonly<Record<Scale, { readonly times: number; readonly reads: number }>> = {
  few: { times: 1, reads: 12 },
  some: { times: 2, reads: 30 },
  full: { times: 10, reads: 100 },
}
const LANES = 3

/** Reads while the remote does what it should not, and how soon its new commit is served once it is well. */
export async function reportRemotes(scale: Scale): Promise<Part> {
  const rows: string[][] = []
  const outcomes: RemoteOutcome[] = []
  for (const engine of ENGINES) {
    const running = inLanes({
      things: REMOTE_FAULTS,
      lanes: LANES,
      open: () => openFragileRemote(engine),
      work: (place, fault) => runRemoteFault(place, { fault, ...TIMES[scale] }),
    })
    for (const [name, outcome] of running) {
      const { inFlight, away, slowest, back, violations } = await outcome
      outcomes.push(await outcome)
      console.error(`${violations.length === 0 ? 'ok    ' : 'FAILED'}  the remote ${name}, ${engine.name}: ${back.length} times`)
      const times = [slowest, Math.max(...back)].map((time) => time.toFixed(0))
      rows.push([name, engine.name, ...[back.length, inFlight, away].map(String), ...times, String(violations.length)])
    }
  }
  const head = [
    'the remote',
    'engine',
    'times',
    'reads in flight',
    'reads while away',
    'slowest read ms',
    'new commit after ms',
    'violations',
  ]
  console.log(`${table([head, ...rows])}\n`)
  return {
    numbers: {
      remote_faults: outcomes.reduce((total, { back }) => total + back.length, 0),
      reads_in_flight: outcomes.reduce((total, { inFlight }) => total + inFlight, 0),
      slowest_return_ms: Math.round(Math.max(...outcomes.flatMap(({ back }) => back))),
    },
    violations: outcomes.flatMap(({ violations }) => violations),
  }
}
