import type { Dirent } from 'node:fs'
import { readdir, readlink, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

/**
 * The state of a folder that is replaced as a whole: Kubernetes puts the files of a ConfigMap or Secret into a new folder, and then turns the link
 * `..data` round to it. What people see are links through `..data`, which are made and removed one by one afterwards.
 */
export interface Generation {
  /** The link that is turned round. */
  readonly link: string
  /** The folder that it led to. */
  readonly real: string
}

/** What each link led to when it was followed, by its path. */
export type Generations = ReadonlyMap<string, string>

/** A name in a folder, and where to find what it names. */
export interface FoundName {
  readonly name: string
  readonly place: string
  readonly isLink: boolean
}

const DATA = '..data'

/** The generation of a folder with these names; `undefined` where it has none, or one outside of the root. */
export async function findGeneration(root: string, folder: string, found: readonly Dirent[]): Promise<Generation | undefined> {
  if (!found.some((entry) => entry.name === DATA && entry.isSymbolicLink())) return undefined
  const link = join(folder, DATA)
  const real = await realpath(link).catch(() => undefined)
  return real !== undefined && real !== folder && isInside(root, real) ? { link, real } : undefined
}

/** Whether all of them still are what is served. */
export async function stillCurrent(generations: Generations): Promise<boolean> {
  for (const [link, real] of generations) if ((await realpath(link).catch(() => undefined)) !== real) return false
  return true
}

/** What a folder shows, by code unit: all of its generation, and what lies beside that. `.git` and names with two dots in front are nobody's. */
export async function namesIn(folder: string, found: readonly Dirent[], generation: Generation | undefined): Promise<readonly FoundName[]> {
  const inside = generation === undefined ? [] : await readdir(generation.real, { withFileTypes: true }).catch(() => [])
  const names = new Map(shown(inside).map((entry) => [entry.name, nameAt(generation?.real ?? folder, entry)]))
  for (const entry of shown(found)) {
    const isSeen = names.has(entry.name) || (generation !== undefined && (await leadsThrough(folder, entry)))
    if (!isSeen) names.set(entry.name, nameAt(folder, entry))
  }
  return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Whether a real path is below the root, and not Git's own. */
export function isInside(root: string, real: string): boolean {
  const inside = real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)
  return inside && !real.slice(root.length).split(sep).includes('.git')
}

function shown(found: readonly Dirent[]): readonly Dirent[] {
  return found.filter(({ name }) => name !== '.git' && !name.startsWith('..'))
}

function nameAt(folder: string, entry: Dirent): FoundName {
  return { name: entry.name, place: join(folder, entry.name), isLink: entry.isSymbolicLink() }
}

/** A link of another generation that nobody has removed yet. */
async function leadsThrough(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return false
  const target = await readlink(join(folder, entry.name)).catch(() => '')
  return target.startsWith(`${DATA}/`)
}
