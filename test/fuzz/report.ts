import type { Answer } from './ask.js'
import { canonical, parseExactly } from './json.js'
import type { Files } from './repository/repository.js'
import type { Difference, FuzzResult } from './run.js'
import type { Shrunk } from './shrink.js'
import type { Stage } from './stage.js'

/** Prints one difference: the request, both answers from a little before the first byte that differs, and how to see it again. */
export const printDifference = (difference: Difference, length: 'short' | 'whole'): void => {
  const { seed, stage, request } = difference
  const [spring, carillon] = [readable(difference.spring), readable(difference.carillon)]
  const start = length === 'whole' ? 0 : Math.max(0, firstDifference(spring, carillon) - 80)
  const end = length === 'whole' ? undefined : start + 400
  const show = (answer: Answer, text: string) => `${answer.status} ${answer.type} ${start > 0 ? '…' : ''}${text.slice(start, end)}`
  console.log(`seed ${seed.number} (${seed.variant.name}): GET ${request.path}  accept: ${request.accept}
  spring   ${show(difference.spring, spring)}
  carillon ${show(difference.carillon, carillon)}
  again    npm run fuzz -- --seeds 1 --from ${seed.number} --keep
           curl -gs --path-as-is -H 'accept: ${request.accept}' '${stage.spring.url}${request.path}'
           curl -gs --path-as-is -H 'accept: ${request.accept}' '${stage.carillon.url}${request.path}'
`)
}

/** Prints the least content that still shows a difference. */
export const printShrunk = (shrunk: Shrunk | undefined): void => {
  if (!shrunk) {
    console.log('  (no smaller content shows it)\n')
    return
  }
  const { files, second, pair } = shrunk
  const list = (title: string, some: Files) =>
    [...some].map(([path, bytes]) => `  ${title} ${path}: ${JSON.stringify(bytes.toString('utf8'))}\n`).join('')
  console.log(`${list('file  ', files)}${list('second', second)}  GET ${pair.request.path}
  spring   ${pair.spring.status} ${readable(pair.spring).slice(0, 1000)}
  carillon ${pair.carillon.status} ${readable(pair.carillon).slice(0, 1000)}
`)
}

/** Prints where a pair of servers runs and where its repositories lie. */
export const printStage = ({ variant, seeds, workspace, spring, carillon }: Stage): void =>
  console.log(
    `${variant.name}: ${seeds.length} seeds; Spring ${spring.url} over ${workspace.spring}, Carillon ${carillon.url} over ${workspace.carillon} (log ${carillon.log})`,
  )

/** Prints the counts of a run. */
export const printResult = ({ seeds, requests, equal, explained, different, statuses, sources }: FuzzResult): void => {
  const total = [...explained.values()].reduce((sum, one) => sum + one, 0)
  const share = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status} ${((100 * times) / requests).toFixed(1)} %`)
  console.log(
    `Spring answered: ${share.join(', ')}; ${(sources.total / Math.max(1, sources.environments)).toFixed(1)} property sources an environment`,
  )
  for (const [reason, times] of explained) console.log(`explained ${times} times: ${reason}`)
  console.log(`${seeds} seeds, ${requests} requests: ${equal} equal, ${total} explained, ${different} different`)
}

const readable = ({ body, type }: Answer): string => {
  const json = type.endsWith('json') ? parseExactly(body) : undefined
  return json === undefined
    ? JSON.stringify(body.toString('utf8'))
    : canonical(json).replaceAll('"\\u0000double ', '"double ').replaceAll('"\\u0000integer ', '"')
}

const firstDifference = (a: string, b: string): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i
  return 0
}
