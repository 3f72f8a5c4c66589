import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { ConfigError } from '../errors.js'
import { readDocument } from '../remote/document.js'
import type { RemoteDocument } from '../remote/remote.js'
import type { SnapshotKey } from './key.js'
import { textOfView, type View } from './view.js'

/** What is kept of a document: what makes it anew. */
export type Kept = Pick<RemoteDocument, 'text' | 'version' | 'validator' | 'staleAt' | 'decrypted'>

export interface SavedDocument extends RemoteDocument {
  readonly savedAt: Date
}

/** Whose snapshot it is, and how it is kept. */
export interface Keeping {
  /** For messages. */
  readonly path: string
  readonly view: View
  readonly key: SnapshotKey | undefined
}

/**
 * The file is a line of JSON, a body and a proof. The line says what it is and stands readable; the proof covers it, so that a file cannot pass for one of
 * another view or another time. Without a key the proof is a checksum, against damage and not against people.
 */
interface Header {
  readonly carillonSnapshot: number
  readonly view: string
  readonly savedAt: string
  readonly seal: 'sha256' | 'aes-256-gcm'
  readonly key?: SnapshotKey['kind']
  readonly salt?: string
  readonly iv?: string
}

const VERSION = 1
const CHECKSUM_BYTES = 32
const TAG_BYTES = 16
const IV_BYTES = 12
/** A header is a few hundred bytes; what has no line break for so long is something else. */
const HEADER_LIMIT = 65_536

export async function seal({ text, version, validator, staleAt }: Kept, keeping: Keeping & { readonly savedAt: Date }): Promise<Buffer> {
  const { key } = keeping
  const body = Buffer.from(JSON.stringify({ version, validator, staleAt, text }))
  const facts = { carillonSnapshot: VERSION, view: textOfView(keeping.view), savedAt: keeping.savedAt.toISOString() }
  if (key === undefined) {
    const content = Buffer.concat([lineOf({ ...facts, seal: 'sha256' }), body])
    return Buffer.concat([content, checksum(content)])
  }
  const iv = randomBytes(IV_BYTES)
  const salt = key.kind === 'scrypt' ? { salt: key.salt.toString('hex') } : {}
  const header = lineOf({ ...facts, seal: 'aes-256-gcm', key: key.kind, ...salt, iv: iv.toString('hex') })
  const bytes = key.kind === 'scrypt' ? await key.bytes(key.salt) : key.bytes
  const cipher = createCipheriv('aes-256-gcm', bytes, iv, { authTagLength: TAG_BYTES }).setAAD(header)
  return Buffer.concat([header, cipher.update(body), cipher.final(), cipher.getAuthTag()])
}

/** Throws 'bad-snapshot', with what is wrong and never with what the file holds. */
export async function unseal(bytes: Buffer, keeping: Keeping): Promise<SavedDocument> {
  const end = bytes.subarray(0, HEADER_LIMIT).indexOf(0x0a) + 1
  const header = headerOf(bytes.subarray(0, end), keeping.path)
  if (header.view !== textOfView(keeping.view)) throw unusable(keeping.path, `it is of another view, ${header.view}`)
  const sealed = { line: bytes.subarray(0, end), rest: bytes.subarray(end), header }
  const body = header.seal === 'sha256' ? openPlain(sealed, keeping) : await decrypt(sealed, keeping)
  return { ...documentOf(body, keeping.path), savedAt: new Date(header.savedAt) }
}

interface Sealed {
  readonly line: Buffer
  readonly rest: Buffer
  readonly header: Header
}

function openPlain({ line, rest }: Sealed, { path, key }: Keeping): Buffer {
  // Taking it would let whoever can write into the folder do without the key.
  if (key !== undefined) throw unusable(path, 'it is not encrypted, and a key is given')
  const body = rest.subarray(0, -CHECKSUM_BYTES)
  if (!checksum(Buffer.concat([line, body])).equals(rest.subarray(-CHECKSUM_BYTES))) throw unusable(path, 'it is damaged or not complete')
  return body
}

async function decrypt({ line, rest, header }: Sealed, { path, key }: Keeping): Promise<Buffer> {
  if (key === undefined)
    throw unusable(path, 'it is encrypted, and no key is given', 'Set CARILLON_SNAPSHOT_KEY, or snapshot.encryptKey, to its key.')
  if (header.key !== key.kind) throw unusable(path, `it is encrypted with a ${nameOf(header.key)}, and a ${nameOf(key.kind)} is given`)
  try {
    const bytes = key.kind === 'scrypt' ? await key.bytes(Buffer.from(header.salt ?? '', 'hex')) : key.bytes
    const decipher = createDecipheriv('aes-256-gcm', bytes, Buffer.from(header.iv ?? '', 'hex'), { authTagLength: TAG_BYTES })
    decipher.setAAD(line).setAuthTag(rest.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(rest.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch {
    throw unusable(path, 'it is of another key, or it is damaged')
  }
}

function nameOf(kind: SnapshotKey['kind'] | undefined): string {
  return kind === 'scrypt' ? 'passphrase' : 'key of 32 bytes'
}

function headerOf(line: Buffer, path: string): Header {
  const found = parse(line)
  if (!isRecord(found) || typeof found.carillonSnapshot !== 'number') throw unusable(path, 'it is no snapshot, or its beginning is damaged')
  if (found.carillonSnapshot !== VERSION)
    throw unusable(path, `its format is ${found.carillonSnapshot}, expected ${VERSION}: another release of @carillon/client wrote it`)
  if (!isHeader(found)) throw unusable(path, 'its beginning is damaged')
  return found
}

function isHeader(found: Readonly<Record<string, unknown>> | Header): found is Header {
  const texts = [found.key, found.salt, found.iv].every((text) => text === undefined || typeof text === 'string')
  const isTime = typeof found.savedAt === 'string' && !Number.isNaN(Date.parse(found.savedAt))
  return texts && isTime && typeof found.view === 'string' && (found.seal === 'sha256' || found.seal === 'aes-256-gcm')
}

function documentOf(body: Buffer, path: string): RemoteDocument {
  const found = parse(body)
  const version = isRecord(found) ? found.version : undefined
  if (!isRecord(found) || !isRecord(version) || typeof found.text !== 'string')
    throw unusable(path, 'what it holds is no answer of a server')
  const { commit, label, digest } = version
  if (typeof commit !== 'string' || typeof label !== 'string' || typeof digest !== 'string')
    throw unusable(path, 'what it holds has no version')
  try {
    return readDocument(found.text, { label, commit, digest, validator: textOf(found.validator), staleAt: textOf(found.staleAt) })
  } catch (error) {
    throw unusable(path, `what it holds is no answer of a server: ${error instanceof ConfigError ? error.message : ''}`)
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The parser's error would quote the text. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function lineOf(header: Header): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`)
}

function checksum(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest()
}

function unusable(path: string, why: string, hint?: string): ConfigError {
  return new ConfigError('bad-snapshot', `The snapshot ${path} cannot be used: ${why}.`, hint === undefined ? {} : { hint })
}
