import { setTimeout as pause } from 'node:timers/promises'
import { judge } from './agreement.js'
import { put, type Question, questionsOf } from './questions.js'
import type { Writer } from './writer.js'

/** How much has to be seen before it is enough. */
export interface Enough {
  readonly answers: number
  readonly commits: number
}

export interface TornOptions {
  readonly url: string
  readonly writers: readonly Writer[]
  readonly enough: Enough
  /** Tells the server that there is something new, as a Git host would. */
  readonly hint?: () => Promise<unknown>
}

/** What readers saw while the commits moved under them. */
export interface Torn {
  readonly answers: number
  readonly perFormat: ReadonlyMap<string, number>
  /** Different commits that were shown, those of all repositories counted. */
  readonly commits: number
  /** Answers that hold two commits, and answers that are wrong otherwise. */
  readonly mixed: readonly string[]
  readonly wrong: readonly string[]
}

const READERS = 6
/** Every so many rounds of a reader are of questions that were never asked before. */
const COLD = 3
const LONGEST = 15 * 60_000

/** Writers publish commits without pause, some by force, while readers ask in every format; ends when enough was seen. */
export async function watchForTears(options: TornOptions): Promise<Torn> {
  const { enough, writers } = options
  const until = Date.now() + LONGEST
  const tally: Tally = { perFormat: new Map(), shown: new Set(), mixed: [], wrong: [], answers: 0 }
  const watch: Watch = {
    ...options,
    tally,
    isEnough: () => (tally.answers >= enough.answers && tally.shown.size >= enough.commits) || Date.now() > until,
  }
  const readers = Array.from({ length: READERS }, (_, reader) => read(watch, reader))
  await Promise.all([...writers.map((writer) => write(watch, writer)), ...readers])
  return { ...tally, commits: tally.shown.size }
}

interface Tally {
  readonly perFormat: Map<string, number>
  readonly shown: Set<string>
  readonly mixed: string[]
  readonly wrong: string[]
  answers: number
}

interface Watch extends TornOptions {
  readonly tally: Tally
  readonly isEnough: () => boolean
}

/** Now and then a commit may stay until somebody has seen it, so that many are shown; the others are as short-lived as can be. */
async function write({ hint = async () => undefined, isEnough, tally: { shown } }: Watch, writer: Writer): Promise<void> {
  for (let turn = 1; !isEnough(); turn++) {
    if (turn % 7 === 0) await writer.reset()
    else if (turn % 5 === 0) await writer.rewrite()
    else await writer.commit()
    await hint()
    const isSeen = (): boolean => shown.has(`${writer.word}${writer.number()}`)
    for (const until = Date.now() + 1000; turn % 4 !== 0 && !isSeen() && Date.now() < until && !isEnough(); ) await pause(2)
  }
}

async function read(watch: Watch, reader: number): Promise<void> {
  const words = watch.writers.map(({ word }) => word)
  for (let round = 0; !watch.isEnough(); round++) {
    const extra = round % COLD === 0 ? `r${reader}x${round}` : undefined
    for (const question of questionsOf(words, extra)) await ask(watch, question)
  }
}

async function ask({ url, writers, tally }: Watch, question: Question): Promise<void> {
  const shown = await put(url, question)
  const verdict = judge(
    shown,
    writers.filter(({ word }) => question.words.includes(word)),
  )
  tally.answers++
  tally.perFormat.set(question.format, (tally.perFormat.get(question.format) ?? 0) + 1)
  if (verdict.kind === 'whole') for (const [word, number] of verdict.numbers) tally.shown.add(`${word}${number}`)
  else tally[verdict.kind].push(verdict.why)
}
