import { createHash } from 'node:crypto'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { indexPack } from 'isomorphic-git'
import { faultPoint } from '../../../fault-points.js'
import { withIncoming } from '../leftovers.js'
import { placePack } from '../packs.js'
import { files } from './files.js'

/** What isomorphic-git wants to know of a pack that lies by itself; its index comes beside it. */
interface PackPlace {
  readonly dir: string
  readonly gitdir: string
  readonly filepath: string
}

/** Packs up to this size are indexed in a few ms, which starting a thread takes as well (bytes). */
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
  else await indexPack({ fs: files, ...pack, cache: {} })
}

/** What the thread runs. A text, because a file would have another name in sources than where they are built. */
const INDEXING = `
const { workerData: { library, pack } } = require('node:worker_threads')
const fs = require('node:fs')
import(library).then(({ indexPack }) => indexPack({ fs, ...pack, cache: {} }))
`

/** Indexing computes for seconds without a pause: in a thread of its own it holds up no read, and its memory goes when it ends. */
async function indexApart(pack: PackPlace, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const library = import.meta.resolve('isomorphic-git')
  const worker = new Worker(INDEXING, { eval: true, execArgv: [], workerData: { library, pack } })
  const stop = () => void worker.terminate()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject)
      worker.once('exit', (code) => (code === 0 ? resolve() : reject(signal.reason ?? new Error(`indexing a pack ended with ${code}`))))
    })
  } finally {
    signal.removeEventListener('abort', stop)
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
