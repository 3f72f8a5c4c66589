import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { tracesIn } from '../../scripts/canary.mjs'

/** Something that came out of a program, and where. */
export interface Output {
  readonly place: string
  readonly content: string | Uint8Array
}

/** Where and in which form secrets stand: `stderr: base64`. The hashes of `secrets`, whole ones, are searched for as well. Never holds a secret itself. */
export function leaksIn(outputs: Iterable<Output>, secrets: readonly string[] = []): readonly string[] {
  const hashes = secrets.flatMap(hashesOf)
  return [...outputs].flatMap(({ place, content }) => {
    const text = Buffer.from(content).toString('latin1')
    const hashed = hashes.filter(({ hash }) => text.includes(hash)).map(({ name }) => name)
    return [...new Set([...tracesIn(content), ...hashed])].map((form) => `${place}: ${form}`)
  })
}

/** Throws where a secret of the tests stands in what a server or command leaves behind: its log, and the files below its own folders. */
export function refuseLeaks(log: string, folders: readonly string[]): void {
  const files = folders.flatMap(filesBelow).filter(({ place }) => !place.includes('/objects/') && !place.endsWith('(objects)'))
  const leaks = leaksIn([{ place: 'log', content: log }, ...files])
  if (leaks.length > 0) throw new Error(`a secret of the tests (scripts/canary.mjs) stands in ${leaks.join(', ')}`)
}

/** Every file below a folder, compressed ones unpacked, and every object of the Git repositories in it. */
export function filesBelow(folder: string): readonly Output[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const repositories = entries.filter((entry) => entry.isDirectory() && entry.name === 'objects').map(({ parentPath }) => parentPath)
  return [
    ...files.map((place) => ({ place, content: unpacked(readFileSync(place)) })),
    ...repositories.map((place) => ({ place: `${place} (objects)`, content: objectsOf(place) })),
  ]
}

function unpacked(bytes: Buffer): Buffer {
  for (const unpack of [gunzipSync, inflateSync, brotliDecompressSync]) {
    try {
      return Buffer.concat([bytes, unpack(bytes)])
    } catch {
      // Not packed in this way.
    }
  }
  return bytes
}

function objectsOf(repository: string): Buffer {
  return execFileSync('git', ['--git-dir', repository, 'cat-file', '--batch', '--batch-all-objects'], { maxBuffer: 2 ** 28 })
}

function hashesOf(secret: string): readonly { readonly name: string; readonly hash: string }[] {
  return ['sha256', 'sha1', 'md5'].flatMap((name) =>
    (['hex', 'base64', 'base64url'] as const).map((encoding) => ({
      name,
      hash: createHash(name).update(secret).digest(encoding).replace(/=+$/, ''),
    })),
  )
}
