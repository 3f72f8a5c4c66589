import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { faultPoint } from '../../../fault-points.js'
import { withIncoming } from '../leftovers.js'
import { placePack } from '../packs.js'

/** What isomorphic-git wants to know of a pack that lies by itself; its index comes beside it. */
interface PackPlace {
  readonly dir: string
  readonly gitdir: string
  readonly filepath: string
}

/** Packs up to this size are indexed in a few ms, and starting a process takes longer (bytes). */
const SMALL = 64 * 1024

/** Puts a pack into an object database, whole or not at all. Throws where its checksum is wrong, and the reason of the signal. */
export async function storePack(gitdir: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  await withIncoming(gitdir, async (folder) => {
    await writeIndexed({ folder, gitdir, chunks, beforeIndex: () => faultPoint('pack.before-index') }, signal)
    faultPoint('pack.before-place')
    await placePack({ from: folder, gitdir, beforeIndex: () => faultPoint('pack.within-place') })
    faultPoint('pack.after-place')
  })
}

export interface Indexing {
  readonly folder: string
  readonly gitdir: string
  readonly chunks: AsyncIterable<Uint8Array>
  readonly beforeIndex?: () => void
}

/** Writes a pack and its index into a folder, named by the checksum. Throws where that is wrong, and the reason of the signal. */
export async function writeIndexed({ folder, gitdir, chunks, beforeIndex = () => {} }: Indexing, signal: AbortSignal): Promise<void> {
  const id = await writePack(join(folder, 'new.pack'), chunks)
  beforeIndex()
  const filepath = `pack-${id}.pack`
  await rename(join(folder, 'new.pack'), join(folder, filepath))
  const { size } = await stat(join(folder, filepath))
  const pack = { dir: folder, gitdir, filepath }
  if (size > SMALL) await indexApart(pack, signal)
  else await indexHere(pack)
}

/** The library is large, and a server that has what its remote has never needs it. */
async function indexHere(pack: PackPlace): Promise<void> {
  const [{ indexPack }, { files }] = await Promise.all([import('isomorphic-git'), import('./files.js')])
  await indexPack({ fs: files, ...pack, cache: {} })
}

/** What the process runs. A text, because a file would have another name in sources than where they are built. */
const INDEXING = `
const fs = require('node:fs')
const [library, pack] = process.argv.slice(1)
import(library)
  .then(({ indexPack }) => indexPack({ fs, ...JSON.parse(pack), cache: {} }))
  .catch((error) => {
    process.stderr.write(error.message)
    process.exitCode = 1
  })
`
const LONGEST_REASON = 1000

/**
 * Indexing computes for seconds without a pause, and takes some ten times the memory of the pack: in a process of its own it holds up no read, and the memory is
 * given back when it ends, which a thread's is not.
 */
async function indexApart(pack: PackPlace, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const args = ['-e', INDEXING, import.meta.resolve('isomorphic-git'), JSON.stringify(pack)]
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true })
  let reason = ''
  // Listened to before all else: where there are no descriptors left, it has no streams, and its error comes with the next tick.
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, killed) => {
      if (code === 0) resolve()
      else reject(signal.aborted ? signal.reason : new Error(`indexing a pack ended with ${code ?? killed}: ${reason}`))
    })
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    reason = (reason + chunk.toString('utf8')).slice(0, LONGEST_REASON)
  })
  const stop = () => void child.kill('SIGKILL')
  signal.addEventListener('abort', stop, { once: true })
  process.once('exit', stop)
  try {
    await ended
  } finally {
    signal.removeEventListener('abort', stop)
    process.off('exit', stop)
  }
}

/** Writes and checks a pack: its last 20 bytes are the SHA-1 of all before. Returns that in hex. */
async function writePack(path: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha1')
  let tail = Buffer.alloc(0)
  const file = await open(path, 'w')
  try {
    for await (const chunk of chunks) {
      await file.appendFile(chunk)
      tail = Buffer.concat([tail, chunk])
      hash.update(tail.subarray(0, -20))
      tail = Buffer.from(tail.subarray(-20))
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const expected = tail.toString('hex')
  if (hash.digest('hex') !== expected) throw new Error('the remote sent a damaged pack: its checksum is wrong')
  return expected
}
