import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { EnvironmentError } from '../errors.js'
import type { RsaKeys } from './rsa.js'

/** What the text of `encrypt.key` is: an RSA key, in one of two spellings, or a password. */
export type KeyText = { readonly kind: 'rsa'; readonly spelling: 'pkcs1' | 'pkcs8'; readonly keys: RsaKeys } | { readonly kind: 'password' }

/**
 * Reads the text of a key. Line breaks of a PEM may be missing, as they are in an environment variable. Throws `unusable-key` for a public key, a PEM of another
 * kind and a damaged one: Spring takes some of these for passwords.
 */
export function readKeyText(text: string): KeyText {
  const [, label = '', body = ''] = /-----\s*BEGIN ([A-Z0-9 ]+?)\s*-----(.*?)-----\s*END/s.exec(text) ?? []
  switch (label) {
    case 'RSA PRIVATE KEY':
      return { kind: 'rsa', spelling: 'pkcs1', keys: rsaKeys(body, 'pkcs1') }
    case 'PRIVATE KEY':
      return { kind: 'rsa', spelling: 'pkcs8', keys: rsaKeys(body, 'pkcs8') }
    default:
      if (text.startsWith('ssh-rsa') || text.includes('-----BEGIN') || text.includes('RSA PUBLIC KEY')) throw wrongKind()
      return { kind: 'password' }
  }
}

/** The pair of a private key that must be RSA. Throws `unusable-key`. */
export function pairOf(privateKey: KeyObject): RsaKeys {
  if (privateKey.asymmetricKeyType !== 'rsa') {
    throw new EnvironmentError('unusable-key', `The key is of type ${privateKey.asymmetricKeyType}: expected RSA.`)
  }
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

function rsaKeys(body: string, type: 'pkcs1' | 'pkcs8'): RsaKeys {
  return pairOf(parsed(Buffer.from(body.replace(/\s|\\n/g, ''), 'base64'), type))
}

function parsed(key: Buffer, type: 'pkcs1' | 'pkcs8'): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type })
  } catch {
    // No cause: it is of no use to anybody, and nothing of a key is passed on.
    throw new EnvironmentError(
      'unusable-key',
      'The RSA key in PEM format is damaged or encrypted: expected a whole private key without a passphrase.',
    )
  }
}

function wrongKind(): EnvironmentError {
  return new EnvironmentError(
    'unusable-key',
    'Key data not in correct format (PEM or jks keystore): expected a password or an RSA private key (RSA PRIVATE KEY or PRIVATE KEY).',
  )
}
