/**
 * What becomes of a change when something on its way breaks: brokers, connections, servers, webhooks, history. Counted: every instance ends on what its view
 * has at the newest commit, none is moved back, nothing is announced that cannot be read from whoever announced it. `--full` makes each fault as often as
 * the project asks for; `--only TEXT` picks scenarios, `--kafka` or `--rabbitmq` a broker.
 */
import { table } from '../bench/tools/numbers.js'
import { brokerScenarios } from './scenarios/broker.js'
import { historyScenarios } from './scenarios/history.js'
import { hookScenarios } from './scenarios/hooks.js'
import { type Bed, type Outcome, runScenario, type Scale, type Scenario } from './scenarios/scenario.js'
import { serverScenarios } from './scenarios/server.js'
import { startFragile } from './tools/broker.js'

const scenarios: readonly Scenario[] = [...brokerScenarios, ...serverScenarios, ...hookScenarios, ...historyScenarios]

interface Done extends Outcome {
  readonly name: string
  readonly kind: Bed['kind']
}

const args = process.argv.slice(2)
const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '') : ''
const scale: Scale = args.includes('--full') ? 'full' : args.includes('--few') ? 'few' : 'some'
const kinds = (['rabbitmq', 'kafka'] as const).filter(
  (kind) => args.includes(`--${kind}`) || !(args.includes('--rabbitmq') || args.includes('--kafka')),
)

// Brokers and servers go when this process exits, which a signal alone would not let it do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

const done: Done[] = []
for (const kind of kinds) done.push(...(await runOn(kind)))
report(done)
process.exit(done.some(({ violations }) => violations.length > 0) ? 1 : 0)

async function runOn(kind: Bed['kind']): Promise<readonly Done[]> {
  const wanted = scenarios.filter(
    ({ name, on }) => on.includes(kind) && (only === '' || only.split(',').some((part) => name.includes(part))),
  )
  if (wanted.length === 0) return []
  const broker = await startFragile(kind)
  const outcomes: Done[] = []
  try {
    for (const scenario of wanted) {
      const { name } = scenario
      const started = performance.now()
      const outcome = await runScenario(scenario, { kind, broker, scale })
      outcomes.push({ name, kind, ...outcome })
      const seconds = ((performance.now() - started) / 1000).toFixed(0)
      console.error(`${outcome.violations.length === 0 ? 'ok    ' : 'FAILED'}  ${kind}, ${name}: ${outcome.faults} times, ${seconds} s`)
      for (const violation of outcome.violations) console.error(`        ${violation}`)
    }
  } finally {
    broker.stop()
  }
  return outcomes
}

function report(outcomes: readonly Done[]): void {
  const head = [
    'fault',
    'broker',
    'times',
    'converged',
    'median ms',
    'slowest ms',
    'by bus',
    'reconnect',
    'poll, off the bus',
    'poll, on the bus',
    'announced',
    'read at once',
    'lag given up',
    'violations',
  ]
  const rows = outcomes.map(({ name, kind, faults, converged, milliseconds, news, heard, read, gaveUp, violations }) => {
    const sorted = milliseconds.toSorted((a, b) => a - b)
    const times = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0].map((time) => time.toFixed(0))
    const counts = [news.bus, news.reconnect, news.away, news.poll, heard, read, gaveUp, violations.length].map(String)
    return [name, kind, String(faults), `${converged}/${milliseconds.length}`, ...times, ...counts]
  })
  console.log(table([head, ...rows]))
  const sum = (pick: (outcome: Done) => number): number => outcomes.reduce((total, outcome) => total + pick(outcome), 0)
  const totals = {
    faults: sum((outcome) => outcome.faults),
    converged: sum(({ converged }) => converged),
    convergences: sum(({ milliseconds }) => milliseconds.length),
    by_bus: sum(({ news }) => news.bus),
    by_reconnect: sum(({ news }) => news.reconnect),
    by_poll_off_the_bus: sum(({ news }) => news.away),
    by_poll_on_the_bus: sum(({ news }) => news.poll),
    announced: sum(({ heard }) => heard),
    violations: sum(({ violations }) => violations.length),
  }
  console.log(JSON.stringify({ report: 'faults-bus', scale, ...totals }))
}
