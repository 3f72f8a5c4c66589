import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A pack that readers see: it has its index. */
export interface PackFile {
  /** Without an ending: `pack-…`. */
  readonly name: string
  readonly bytes: number
  /** When it came (ms since 1970). */
  readonly since: number
}

/** What a clone takes on disk. */
export interface DiskUse {
  /** Of all files beside its packs, and of those. */
  readonly bytes: number
  readonly packs: number
}

export function packFolder(gitdir: string): string {
  return join(gitdir, 'objects/pack')
}

/** The packs of an object database, in no order. Those that vanish meanwhile are left out. */
export async function listPacks(gitdir: string): Promise<readonly PackFile[]> {
  const folder = packFolder(gitdir)
  const names = new Set(await readdir(folder).catch(() => []))
  const found = [...names].flatMap((file) => {
    const name = /^(pack-.+)\.pack$/.exec(file)?.[1]
    return name !== undefined && names.has(`${name}.idx`) ? [name] : []
  })
  const packs = found.map(async (name) => {
    const seen = await stat(join(folder, `${name}.pack`)).catch(() => undefined)
    return seen === undefined ? [] : [{ name, bytes: seen.size, since: seen.mtimeMs }]
  })
  return (await Promise.all(packs)).flat()
}

/** Looks at names and sizes alone. */
export async function diskUse(gitdir: string): Promise<DiskUse> {
  return { bytes: await sizeOf(packFolder(gitdir)), packs: (await listPacks(gitdir)).length }
}

/** The bytes of all files in a folder, 0 where there is none. */
export async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Moves the packs of a folder to where they belong. Each index comes last: by it readers find a pack. */
export async function placePack({
  from,
  gitdir,
  beforeIndex,
}: {
  readonly from: string
  readonly gitdir: string
  readonly beforeIndex: () => void
}): Promise<void> {
  const folder = packFolder(gitdir)
  await mkdir(folder, { recursive: true })
  const names = (await readdir(from)).filter((name) => name.startsWith('pack-'))
  const isIndex = (name: string): boolean => name.endsWith('.idx')
  for (const name of names.filter((each) => !isIndex(each))) await rename(join(from, name), join(folder, name))
  beforeIndex()
  for (const name of names.filter(isIndex)) await rename(join(from, name), join(folder, name))
}

/** Takes a pack away: its index first, so that no reader finds half of it. */
export async function removePack({
  gitdir,
  name,
  afterIndex,
}: {
  readonly gitdir: string
  readonly name: string
  readonly afterIndex: () => void
}): Promise<void> {
  const folder = packFolder(gitdir)
  await rm(join(folder, `${name}.idx`), { force: true })
  afterIndex()
  for (const file of await readdir(folder)) if (file.startsWith(`${name}.`)) await rm(join(folder, file), { force: true })
}

/** Has the disk hold what is in a file or folder, where the system can do that. */
export async function settle(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => undefined)
  await file?.sync().catch(() => undefined)
  await file?.close()
}
