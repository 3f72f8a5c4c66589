import type { Decryption } from './layers.js'
import type { DecryptPlan } from './plan.js'

/** Ciphers are loaded where there is a key. Throws 'bad-options' for one that cannot be read or used. */
export async function openDecryption({ failed, keys }: DecryptPlan): Promise<Decryption> {
  if (keys === undefined) return { failed, cipher: undefined }
  const { openCipher } = await import('./cipher.js')
  return { failed, cipher: await openCipher(keys) }
}
