import { kebab } from '@carillon/environment'
import { distance } from 'fastest-levenshtein'
import { isPlain } from './freeze.js'

const MAX_NEAREST = 3

/** The paths of values that are a few letters away from one, nearest first, at most three. */
export function nearestPaths(values: unknown, path: string): readonly string[] {
  if (path === '') return []
  const wanted = kebab(path)
  const allowed = Math.max(2, Math.floor(wanted.length / 4))
  const near: { readonly path: string; readonly changes: number }[] = []
  for (const candidate of pathsOf(values, '')) {
    const spelled = /[A-Z_]/.test(candidate) ? kebab(candidate) : candidate
    if (Math.abs(spelled.length - wanted.length) > allowed) continue
    const changes = distance(wanted, spelled)
    if (changes <= allowed) near.push({ path: candidate, changes })
  }
  return near
    .sort((a, b) => a.changes - b.changes)
    .slice(0, MAX_NEAREST)
    .map((each) => each.path)
}

function* pathsOf(values: unknown, prefix: string): Generator<string> {
  if (!isPlain(values)) return
  for (const [name, value] of Object.entries(values)) {
    const path = pathTo(name, { prefix, isItem: Array.isArray(values) })
    yield path
    yield* pathsOf(value, path)
  }
}

function pathTo(name: string, { prefix, isItem }: { readonly prefix: string; readonly isItem: boolean }): string {
  if (isItem || name === '' || /[.[\]]/.test(name)) return `${prefix}[${name}]`
  return prefix === '' ? name : `${prefix}.${name}`
}
