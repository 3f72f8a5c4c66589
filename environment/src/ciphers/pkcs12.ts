import { createPrivateKey } from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import { children, childrenOf, type DerNode, Malformed, octets, oid, readDer, TAG } from './der.js'
import type { KeyStoreEntry } from './key-store-entry.js'
import { decryptWithPassword, UnsupportedEncryption } from './pbe.js'
import { pairOf } from './pem.js'
import { checkMac } from './pkcs12-mac.js'
import type { RsaKeys } from './rsa.js'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const KEY_BAG = '1.2.840.113549.1.12.10.1.1'
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2'
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3'
const NESTED_BAG = '1.2.840.113549.1.12.10.1.6'
const FRIENDLY_NAME = '1.2.840.113549.1.9.20'
const X509 = '1.2.840.113549.1.9.22.1'

/**
 * The entries of a PKCS#12 store (RFC 7292): keys with a name, and certificates that have a name and no key. Throws `unusable-key` for a wrong
 * password, `Malformed` for a damaged store.
 */
export function readPkcs12(bytes: Buffer, password: string): readonly KeyStoreEntry[] {
  const [, authSafe, mac] = childrenOf(readDer(bytes), TAG.sequence, 2)
  const safe = contentOf(authSafe)
  if (safe.type !== DATA) throw new Malformed('contents that are signed, not protected by a password')
  const content = octets(safe.content)
  checkMac(mac, content, password)
  const bags = childrenOf(readDer(content), TAG.sequence).flatMap((info) => bagsOf(contentOf(info), password))
  const entries = bags.flatMap(entryOf)
  const keys = entries.filter(({ unlock }) => unlock !== undefined)
  const names = new Set(keys.map(({ alias }) => alias.toLowerCase()))
  return [...keys, ...entries.filter(({ alias, unlock }) => unlock === undefined && !names.has(alias.toLowerCase()))]
}

interface Content {
  readonly type: string
  readonly content: DerNode | undefined
}

function contentOf(info: DerNode | undefined): Content {
  const [type, explicit] = childrenOf(info, TAG.sequence, 2)
  return { type: oid(type), content: childrenOf(explicit, TAG.first, 1)[0] }
}

interface Bag {
  readonly kind: string
  readonly value: DerNode | undefined
  readonly name: string | undefined
}

function bagsOf({ type, content }: Content, password: string): readonly Bag[] {
  if (type === DATA) return readBags(octets(content))
  if (type !== ENCRYPTED_DATA) return []
  const [, encrypted] = childrenOf(content, TAG.sequence, 2)
  const [, algorithm, data] = childrenOf(encrypted, TAG.sequence, 3)
  // The tag of the octet string is replaced by the context's: in pieces it is a constructed one.
  const bytes = data !== undefined && (data.tag & 0x20) === 0 ? data.content : octets(data)
  try {
    return readBags(decryptWithPassword(algorithm, bytes, password))
  } catch (error) {
    // Old stores hide their certificates, which are no secret, behind RC2. Their keys are somewhere else.
    if (error instanceof UnsupportedEncryption) return []
    throw error
  }
}

function readBags(bytes: Buffer): readonly Bag[] {
  return childrenOf(readDer(bytes), TAG.sequence).flatMap((bag) => {
    const [kind, explicit, attributes] = childrenOf(bag, TAG.sequence, 2)
    const [value] = childrenOf(explicit, TAG.first, 1)
    if (oid(kind) === NESTED_BAG && value !== undefined) return readBags(value.whole)
    return [{ kind: oid(kind), value, name: attributes === undefined ? undefined : friendlyName(attributes) }]
  })
}

function friendlyName(attributes: DerNode): string | undefined {
  for (const attribute of children(attributes)) {
    const [id, values] = childrenOf(attribute, TAG.sequence, 2)
    if (oid(id) !== FRIENDLY_NAME) continue
    const [text] = childrenOf(values, TAG.set, 1)
    if (text?.tag !== TAG.bmp || text.content.length % 2 !== 0) throw new Malformed('a name that is no text')
    return Buffer.from(text.content).swap16().toString('utf16le')
  }
  return undefined
}

/** A key without a name is reached by no alias, except the empty one. */
function entryOf({ kind, value, name = '' }: Bag): readonly KeyStoreEntry[] {
  switch (kind) {
    case KEY_BAG:
      return value === undefined
        ? []
        : [{ alias: name, unlock: () => pairOf(createPrivateKey({ key: value.whole, format: 'der', type: 'pkcs8' })) }]
    case SHROUDED_KEY_BAG:
      return value === undefined ? [] : [{ alias: name, unlock: (secret) => unlock(value.whole, secret) }]
    case CERTIFICATE_BAG: {
      const [type, explicit] = childrenOf(value, TAG.sequence, 2)
      const isNamed = name !== '' && oid(type) === X509
      return isNamed ? [{ alias: name, certificate: octets(childrenOf(explicit, TAG.first, 1)[0]) }] : []
    }
    default:
      return []
  }
}

/** OpenSSL knows all the ways in which PKCS#8 keys are encrypted that it still supports. */
function unlock(key: Buffer, passphrase: string): RsaKeys {
  try {
    return pairOf(createPrivateKey({ key, format: 'der', type: 'pkcs8', passphrase }))
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    throw new EnvironmentError('unusable-key', 'The password of the key in the key store is wrong.')
  }
}
