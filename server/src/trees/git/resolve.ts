import { ServerError } from '../../errors.js'
import { bytesOf, type Objects } from './objects.js'
import { targetOfTag } from './parse.js'
import { type FindRef, isRefName, resolveRef } from './refs.js'

/** Which rules name a ref: a repository that people work in, or a clone, where the remote's branches win. */
export type RefRules = 'local' | 'clone'

/** Where labels are looked up. */
export interface Lookup {
  readonly rules: RefRules
  readonly find: FindRef
  readonly objects: Objects
}

const DEEPEST_TAG = 10

/**
 * What a label means now, as a commit id: a branch, tag, full or abbreviated id, `refs/…` or `HEAD`; `undefined` where
 * it means nothing or no commit (spring-compat 3.2, step 5). Throws `repository-failed` where a ref names a missing object.
 */
export async function resolveLabel({ rules, find, objects }: Lookup, label: string): Promise<string | undefined> {
  if (!isRefName(label)) return undefined
  const digits = /^[0-9a-f]{4,64}$/i.test(label) ? label.toLowerCase() : undefined
  if (digits?.length === objects.idLength) return peel(objects, digits)
  const ref = await (rules === 'clone' ? findInClone : findLocally)(find, label)
  if (ref !== undefined) return peelRef(objects, label, ref)
  const id = digits === undefined ? undefined : await objects.expand(digits)
  return id === undefined ? undefined : peel(objects, id)
}

async function findInClone(find: FindRef, label: string): Promise<string | undefined> {
  if (label === 'HEAD') return resolveRef(find, 'HEAD')
  // The clone knows the remote's branches only by their tracking names.
  const names = [
    `refs/remotes/origin/${label}`,
    `refs/tags/${label}`,
    label.replace(/^(refs\/)?heads\//, 'refs/remotes/origin/'),
    label,
    `refs/${label}`,
  ]
  return first(find, [...names, `refs/remotes/${label}`])
}

async function findLocally(find: FindRef, label: string): Promise<string | undefined> {
  if (label === 'HEAD') return resolveRef(find, 'HEAD')
  // Spring makes a tracking branch first where there is only a remote one; so that one wins over a tag, a branch does not.
  const branch = await resolveRef(find, `refs/heads/${label}`)
  const tracked = branch === undefined ? await resolveRef(find, `refs/remotes/origin/${label}`) : undefined
  return tracked ?? (await first(find, [label, `refs/${label}`, `refs/tags/${label}`])) ?? branch ?? first(find, [`refs/remotes/${label}`])
}

async function first(find: FindRef, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const id = name.startsWith('refs/') ? await resolveRef(find, name) : undefined
    if (id !== undefined) return id
  }
  return undefined
}

async function peelRef(objects: Objects, label: string, id: string): Promise<string | undefined> {
  if ((await objects.find(id)) !== undefined) return peel(objects, id)
  throw new ServerError(
    'repository-failed',
    `the label ${label} names the object ${id}, which is not in the repository: it is damaged or still being written`,
  )
}

/** The commit behind an id, through annotated tags of tags; `undefined` where it is no commit. Throws `too-large` where a tag cannot be read for that. */
export async function peel(objects: Objects, id: string, depth = 0): Promise<string | undefined> {
  const object = await objects.find(id)
  if (object?.type === 'commit') return id
  const target = object?.type === 'tag' ? targetOfTag(bytesOf(id, object)) : undefined
  return target === undefined || depth === DEEPEST_TAG ? undefined : peel(objects, target, depth + 1)
}
