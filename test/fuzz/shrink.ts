import { setTimeout as sleep } from 'node:timers/promises'
import { compare, type Pair } from './compare.js'
import type { Files } from './repository/repository.js'
import type { Difference } from './run.js'
import { askBoth, type Stage } from './stage.js'
import { addLabel } from './workspace.js'

/** The smallest repositories found that still show a difference; `second` is the other backend's content (composite, pattern repositories). */
export interface Shrunk {
  readonly files: Files
  readonly second: Files
  readonly pair: Pair
}

// A label is never used twice, or the one server might remember what the other has forgotten.
let labels = 0

interface Content {
  readonly files: Files
  readonly second: Files
}

/**
 * Takes away files and then lines for as long as the two servers still differ with the same statuses, on labels of its own.
 * Returns `undefined` where the request names no label of the seed, or where the difference does not come again.
 */
export const shrink = async ({ seed, stage, request, spring, carillon }: Difference): Promise<Shrunk | undefined> => {
  const { number } = seed
  const commit = stage.workspace.commits.get(`seed-${number}`) ?? ''
  const isFeature = /(feature|v)\(_\)/.test(request.path)
  let best: Shrunk | undefined
  const attempt = async (content: Content): Promise<boolean> => {
    const label = `t${number}-${process.pid}-${labels++}`
    const path = [commit, commit.slice(0, 9), `seed-${number}`, `feature(_)${number}`, `v(_)${number}`].reduce(
      (text, one) => text.replaceAll(one, label),
      request.path,
    )
    if (path === request.path) return false
    publish(stage, label, content)
    // A folder is looked at from time to time, a new branch at once.
    if (stage.variant.homes.some(({ kind }) => kind === 'native')) await sleep(600)
    const pair = await askBoth(stage, { ...request, path }, [...content.files, ...content.second])
    const same = compare(pair).kind === 'different' && pair.spring.status === spring.status && pair.carillon.status === carillon.status
    if (same) best = { ...content, pair }
    return same
  }
  const whole = { files: isFeature ? seed.feature : seed.files, second: seed.second }
  if (!(await attempt(whole))) return undefined
  const kept = await reduce([...tagged(whole)], (parts) => attempt(untagged(parts)))
  await shrinkLines(kept, (parts) => attempt(untagged(parts)))
  return best
}

interface Part {
  readonly side: 'files' | 'second'
  readonly path: string
  readonly bytes: Buffer
}

const tagged = ({ files, second }: Content): Part[] => [
  ...[...files].map(([path, bytes]): Part => ({ side: 'files', path, bytes })),
  ...[...second].map(([path, bytes]): Part => ({ side: 'second', path, bytes })),
]

const untagged = (parts: readonly Part[]): Content => {
  const side = (name: Part['side']) => new Map(parts.filter((part) => part.side === name).map(({ path, bytes }) => [path, bytes]))
  return { files: side('files'), second: side('second') }
}

// Drops halves, quarters and so on down to single items: few tries where most of it does not matter.
const reduce = async <T>(items: readonly T[], holds: (items: readonly T[]) => Promise<boolean>): Promise<readonly T[]> => {
  let kept = items
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const without = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (await holds(without)) kept = without
      else at += size
    }
  }
  return kept
}

const shrinkLines = async (parts: readonly Part[], holds: (parts: readonly Part[]) => Promise<boolean>): Promise<void> => {
  let current = [...parts]
  for (const [index, part] of parts.entries()) {
    if (part.path.endsWith('.bin')) continue
    const replaced = (lines: readonly string[]) =>
      current.map((one, at) => (at === index ? { ...part, bytes: Buffer.from(lines.join(''), 'latin1') } : one))
    const lines = part.bytes.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? []
    current = replaced(await reduce(lines, (some) => holds(replaced(some))))
  }
}

const publish = ({ workspace, variant }: Stage, name: string, content: Content): void => {
  for (const side of [workspace.spring, workspace.carillon])
    for (const home of variant.homes) addLabel(side, home, { name, files: content[home.holds] })
}
