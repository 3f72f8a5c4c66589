import fs from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

export interface Author {
  readonly name: string
  readonly email: string
}

/**
 * Copies a folder into a new Git repository with one commit on `main`, in which people can edit and commit. Needs no
 * `git`. Made beside its place and renamed when complete; throws where `to` exists and is not an empty folder.
 */
export async function createRepository({
  from,
  to,
  author,
}: {
  readonly from: string
  readonly to: string
  readonly author: Author
}): Promise<void> {
  const place = resolve(to)
  await mkdir(dirname(place), { recursive: true })
  const dir = await mkdtemp(join(dirname(place), `.${basename(place)}-`))
  try {
    const { add, commit, init } = await import('isomorphic-git')
    await cp(from, dir, { recursive: true, filter: (path) => basename(path) !== '.git' })
    await init({ fs, dir, defaultBranch: 'main' })
    await add({ fs, dir, filepath: '.' })
    await commit({ fs, dir, message: `Copy of ${basename(resolve(from))}`, author })
    await rename(dir, place)
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}
