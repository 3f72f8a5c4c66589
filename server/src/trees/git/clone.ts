import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerError } from '../../errors.js'
import { faultPoint } from '../../fault-points.js'
import type { Engine } from './engine.js'
import { isKeptRef } from './kept.js'
import { ownMark } from './leftovers.js'
import { limit } from './limit.js'
import type { Objects } from './objects.js'
import { diskUse } from './packs.js'
import { formatPackedRefs, isOurPackedRefs, isWholePackedRefs, OID, parsePackedRefs, readText } from './refs.js'
import type { Advertisement, Remote } from './remote.js'
import { findPlace, parseConfig } from './repository.js'
import { checkSent, findDamage } from './whole.js'

/** The refs of a clone by full name (`refs/remotes/origin/…`, `refs/tags/…`) and `HEAD`, all of one moment. */
export type CloneRefs = ReadonlyMap<string, string>

/** A bare clone: `packed-refs` is what we publish, replaced in one step after the objects are there. Loose refs do not exist. */
export interface Clone {
  readonly gitdir: string
  readonly objects: Objects
  readonly refs: CloneRefs
}

// Git wants HEAD to name a branch of its own, although a clone has only tracked ones.
const LOCAL_HEAD = 'ref: refs/heads/'
const TRACKED_HEAD = 'ref: refs/remotes/origin/'

/** Where a clone lives, what it is a clone of (without credentials), and who reads it. */
export interface ClonePlace {
  readonly folder: string
  readonly url: string
  readonly engine: Engine
}

/** What a remote said that it has, and the way to get it. */
export interface Offer {
  readonly advertisement: Advertisement
  readonly remote: Remote
  /** What becomes of branches and tags that the remote has no more. */
  readonly gone: 'kept' | 'deleted'
  /** Refs of our own, to commits that must stay. */
  readonly kept: ReadonlyMap<string, string>
  /** Bytes that its packs may take; 0 for no limit. */
  readonly maxDisk: number
}

/** A clone on disk, and what is wrong with it, in words; it can be read as far as that goes. */
export interface FoundClone {
  readonly clone: Clone
  readonly damage: string | undefined
}

/** Opens the clone of `url` in a folder; `undefined` where there is none, or one of another URL, or one that does not say of which. Throws where the folder holds what we did not make. */
export async function openClone({ folder, url, engine }: ClonePlace): Promise<FoundClone | undefined> {
  const names = await readdir(folder).catch(() => [])
  if (names.length === 0) return undefined
  const config = parseConfig((await readText(join(folder, 'config'))) ?? '')
  const packed = await readText(join(folder, 'packed-refs'))
  const isMarked = config.get('carillon.clone') === 'true'
  // A cleaner of temporary files takes what nobody changes, and a full disk leaves files empty.
  if (!isMarked && !isOurPackedRefs(packed ?? '')) {
    throw new ServerError(
      'repository-failed',
      `${folder} is not empty and no clone made by Carillon: it is left alone, choose another folder`,
    )
  }
  if (packed === undefined || !isMarked || config.get('remote.origin.url') !== url) return undefined
  const { refs, damage } = readRefs(packed, (await readText(join(folder, 'HEAD'))) ?? '')
  const clone = { gitdir: folder, objects: await openObjectsAt(folder, engine), refs }
  return { clone, damage: damage ?? (await findDamage(clone)) }
}

/** What is wrong with the clone in a folder, looked at afresh; `undefined` where nothing shows. */
export async function damageAt(place: ClonePlace): Promise<string | undefined> {
  const found = await openClone(place)
  await found?.clone.objects.close()
  return found === undefined ? 'it does not say any more what it is a clone of' : found.damage
}

function readRefs(packed: string, head: string): { readonly refs: CloneRefs; readonly damage: string | undefined } {
  const isWhole = isWholePackedRefs(packed)
  const isHead = /^(ref: refs\/[^ \n]+|[0-9a-f]{40}|[0-9a-f]{64})\n$/.test(head)
  // The last line may have been cut off.
  const refs = new Map(parsePackedRefs(isWhole ? packed : packed.slice(0, packed.lastIndexOf('\n') + 1)))
  if (isHead) refs.set('HEAD', head.slice(0, -1).replace(LOCAL_HEAD, TRACKED_HEAD))
  return { refs, damage: isWhole ? (isHead ? undefined : 'HEAD is no ref') : 'packed-refs is not as it was written' }
}

/** Clones everything that was advertised beside the folder, then puts it in its place. */
export async function makeClone(
  { folder, url, engine }: ClonePlace,
  { advertisement, remote, maxDisk }: Offer,
  signal: AbortSignal,
): Promise<Clone> {
  const gitdir = `${folder}.new-${ownMark()}`
  try {
    await mkdir(join(gitdir, 'objects/pack'), { recursive: true })
    await mkdir(join(gitdir, 'refs'))
    await writeFile(join(gitdir, 'config'), formatConfig(url, advertisement.idLength), { flush: true })
    // Without one it is no repository to `git`.
    await writeFile(join(gitdir, 'HEAD'), `${LOCAL_HEAD}HEAD\n`)
    const wants = [...offered(advertisement)]
    faultPoint('clone.before-pack')
    if (wants.length > 0) await remote.download({ gitdir, wants, haves: [], onBytes: limit({ has: 0, most: maxDisk }) }, signal)
    faultPoint('clone.after-pack')
    const refs = translate(advertisement)
    await checkAt(gitdir, engine, refs)
    await saveRefs(gitdir, refs)
    await replace(folder, gitdir)
    return { gitdir: folder, objects: await openObjectsAt(folder, engine), refs }
  } catch (error) {
    await rm(gitdir, { recursive: true, force: true })
    throw error
  }
}

/** Brings a clone to what was advertised. The refs move in one step, when all objects are there.  */
export async function updateClone(clone: Clone, offer: Offer, signal: AbortSignal): Promise<Clone> {
  const { advertisement, remote, gone, kept, maxDisk } = offer
  const { gitdir, objects } = clone
  const theirs = translate(advertisement)
  const before = [...clone.refs].filter(([name]) => !isKeptRef(name))
  const refs = new Map([...(gone === 'deleted' ? [] : before), ...theirs, ...(await present(objects, kept))])
  if (equal(refs, clone.refs)) return clone
  const haves = tipsOf(before, theirs)
  const wants = await findMissing(objects, new Set(haves), advertisement)
  faultPoint('fetch.before-pack')
  const onBytes = limit({ has: (await diskUse(gitdir)).bytes, most: maxDisk })
  if (wants.length > 0) await remote.download({ gitdir, wants, haves, onBytes }, signal)
  faultPoint('fetch.after-pack')
  const wanted = new Set(wants)
  await checkSent(objects, new Map([...refs].filter(([, id]) => wanted.has(id))))
  await saveRefs(gitdir, refs)
  return { gitdir, objects, refs }
}

/** What a remote is told that we have, without repetitions: a request holds only so many, so what moved comes first, and then the branch that others grow from. */
function tipsOf(before: readonly (readonly [string, string])[], theirs: CloneRefs): readonly string[] {
  const own = before.filter(([name]) => name !== 'HEAD')
  const moved = own.filter(([name, id]) => theirs.get(name) !== id)
  const main = own.filter(([name]) => theirs.get('HEAD') === `ref: ${name}`)
  return [...new Set([...moved, ...main, ...own].map(([, id]) => id))]
}

function translate({ refs, head }: Advertisement): CloneRefs {
  const track = (name: string) => name.replace(/^refs\/heads\//, 'refs/remotes/origin/')
  const ours = new Map([...refs].map(([name, id]) => [track(name), id]))
  // An unborn HEAD must not go on naming what it named before.
  return ours.set('HEAD', head === undefined || head.startsWith('refs/') ? `ref: ${track(head ?? 'refs/heads/HEAD')}` : head)
}

function equal(a: CloneRefs, b: CloneRefs): boolean {
  return a.size === b.size && [...a].every(([name, id]) => b.get(name) === id)
}

/** A clone that was made anew has not all that the one before it had. */
async function present(objects: Objects, refs: CloneRefs): Promise<readonly (readonly [string, string])[]> {
  const found = await Promise.all([...refs].map(async (ref) => ((await objects.find(ref[1])) === undefined ? [] : [ref])))
  return found.flat()
}

/** A detached HEAD may name a commit that is on no branch. */
function offered({ refs, head }: Advertisement): ReadonlySet<string> {
  return new Set([...refs.values(), ...(head !== undefined && OID.test(head) ? [head] : [])])
}

async function findMissing(objects: Objects, present: ReadonlySet<string>, advertisement: Advertisement): Promise<readonly string[]> {
  const missing: string[] = []
  for (const id of offered(advertisement)) if (!present.has(id) && (await objects.find(id)) === undefined) missing.push(id)
  return missing
}

async function openObjectsAt(gitdir: string, engine: Engine): Promise<Objects> {
  return engine.openObjects(await findPlace(gitdir))
}

function formatConfig(url: string, idLength: 40 | 64): string {
  const [version, extensions] = idLength === 64 ? [1, '[extensions]\n\tobjectFormat = sha256\n'] : [0, '']
  const quoted = url.replace(/["\\]/g, '\\$&')
  return `[core]\n\trepositoryformatversion = ${version}\n\tbare = true\n${extensions}[remote "origin"]\n\turl = "${quoted}"\n[carillon]\n\tclone = true\n`
}

async function checkAt(gitdir: string, engine: Engine, refs: CloneRefs): Promise<void> {
  const objects = await openObjectsAt(gitdir, engine)
  try {
    await checkSent(objects, refs)
  } finally {
    await objects.close()
  }
}

async function saveRefs(gitdir: string, refs: CloneRefs): Promise<void> {
  faultPoint('store.before-refs')
  await writeWhole(join(gitdir, 'HEAD'), `${refs.get('HEAD')?.replace(TRACKED_HEAD, LOCAL_HEAD)}\n`)
  faultPoint('store.after-head')
  await writeWhole(join(gitdir, 'packed-refs'), formatPackedRefs(new Map([...refs].filter(([name]) => name !== 'HEAD'))))
  faultPoint('store.after-refs')
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { flush: true })
  await rename(`${path}.new`, path)
}

async function replace(folder: string, by: string): Promise<void> {
  const old = `${by}.old`
  faultPoint('clone.before-place')
  await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  faultPoint('clone.within-place')
  await rename(by, folder)
  faultPoint('clone.after-place')
  await rm(old, { recursive: true, force: true })
}
