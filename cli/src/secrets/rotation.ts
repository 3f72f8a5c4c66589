import { CIPHER_PREFIX, EnvironmentError, isCipherText } from '@carillon/environment'
import type { Cipher } from '@carillon/environment/ciphers'
import type { LocatedValue } from '@carillon/server'
import { CommandError } from '../failure.js'
import { changeValues, type Locate, type ValueChange } from './change.js'
import { encryptValue, isSealed, type Sealing } from './texts.js'
import type { CipherFile } from './work-tree.js'

/** From which key to which. */
export interface Rotation {
  readonly from: Cipher
  readonly to: Cipher
  readonly sealing: Sealing
  readonly locate: Locate
}

/** What becomes of a file. */
export interface RotatedFile {
  readonly path: string
  readonly was: Uint8Array
  readonly becomes: Uint8Array
  /** `file:line`, and the keys that have the value. */
  readonly changed: readonly (readonly [place: string, keys: string])[]
  /** How many values have the new key already. */
  readonly current: number
}

/**
 * Encrypts every `{cipher}` value of the files anew, and reads each of them back. Writes nothing. Throws 'undecipherable', which names every
 * place that neither key opens, and 'unwritable'.
 */
export async function rotateFiles(files: readonly CipherFile[], rotation: Rotation): Promise<readonly RotatedFile[]> {
  const rotated: RotatedFile[] = []
  const failed: string[] = []
  for (const file of files) {
    const { failed: failedHere, ...done } = await rotateFile(file, rotation)
    rotated.push(done)
    failed.push(...failedHere)
  }
  if (failed.length === 0) return rotated
  const values = failed.length === 1 ? 'A value is' : `${failed.length} values are`
  throw new CommandError('undecipherable', `${values} not encrypted with the old key; nothing was written.\n  ${failed.join('\n  ')}`)
}

async function rotateFile({ path, bytes }: CipherFile, rotation: Rotation): Promise<RotatedFile & { readonly failed: readonly string[] }> {
  const changes: ValueChange[] = []
  const changed: (readonly [string, string])[] = []
  const failed: string[] = []
  let current = 0
  for (const found of ciphersOf(rotation.locate(path, bytes).values)) {
    const place = `${path}:${found.at.line}`
    const keys = found.keys.join(', ')
    const outcome = await rotateValue({ ...found, place }, rotation)
    if (outcome.kind === 'current') current += 1
    if (outcome.kind === 'failed') failed.push(`${place}: ${keys}`)
    if (outcome.kind !== 'changed') continue
    changes.push({ at: found.at, text: outcome.text })
    changed.push([place, keys])
  }
  const becomes = changes.length === 0 ? bytes : changeValues(path, bytes, { changes, locate: rotation.locate })
  return { path, was: bytes, becomes, changed, current, failed }
}

interface FoundCipher {
  readonly at: LocatedValue
  /** What stands behind `{cipher}`. */
  readonly text: string
  /** More than one where aliases lead to it. */
  readonly keys: readonly string[]
}

function ciphersOf(values: readonly LocatedValue[]): readonly FoundCipher[] {
  const found = new Map<number | undefined, FoundCipher>()
  for (const at of values) {
    if (!isCipherText(at.value)) continue
    const { keys = [] } = found.get(at.start) ?? {}
    found.set(at.start, { at, text: at.value.slice(CIPHER_PREFIX.length), keys: [...keys, at.key] })
  }
  return [...found.values()]
}

type Outcome = { readonly kind: 'changed'; readonly text: string } | { readonly kind: 'current' | 'failed' }

/** What was sealed stays sealed. */
async function rotateValue(
  { text, keys, place }: FoundCipher & { readonly place: string },
  { from, to, sealing }: Rotation,
): Promise<Outcome> {
  const [property = ''] = keys
  const plain = await opened(from, text, property)
  if (plain === undefined) return { kind: (await opened(to, text, property)) === undefined ? 'failed' : 'current' }
  const format = isSealed(text) ? 'gcm' : sealing.format
  if (format === 'gcm' && keys.length > 1)
    throw new CommandError('unwritable', `${place}: a sealed value belongs to one property, and this one to ${keys.join(', ')}.`)
  const value = await encryptValue(to, plain, { sealing: { ...sealing, format }, property })
  if ((await to.decrypt(value.slice(CIPHER_PREFIX.length), { property })) === plain) return { kind: 'changed', text: value }
  throw new CommandError('unwritable', `${place}: the new key does not read what it wrote; nothing was written.`)
}

async function opened(cipher: Cipher, text: string, property: string): Promise<string | undefined> {
  try {
    return await cipher.decrypt(text, { property })
  } catch (error) {
    if (error instanceof EnvironmentError && error.code !== 'no-private-key') return undefined
    throw error
  }
}
