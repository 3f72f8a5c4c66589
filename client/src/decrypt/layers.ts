import { CIPHER_PREFIX, EnvironmentError, isCipherText } from '@carillon/environment'
import type { Cipher } from '@carillon/environment/ciphers'
import type { DecryptOptions } from '../options.js'
import type { Layer, LayerValue } from '../resolve/resolved.js'

/** What is done with `{cipher}` values. */
export interface Decryption {
  /** `undefined`: no key was given. */
  readonly cipher: Pick<Cipher, 'decrypt'> | undefined
  readonly failed: NonNullable<DecryptOptions['failed']>
}

/** The layers with their `{cipher}` values decrypted, in their places and with their origins; what is plain now is not looked at again. */
export async function decryptLayers(layers: readonly Layer[], decryption: Decryption): Promise<readonly Layer[]> {
  if (decryption.cipher === undefined && decryption.failed === 'keep') return layers
  return Promise.all(layers.map((layer) => decryptLayer(layer, decryption)))
}

async function decryptLayer(layer: Layer, decryption: Decryption): Promise<Layer> {
  const found = new Map<string, LayerValue>()
  for (const [key, said] of layer.properties) if (isCipher(said)) found.set(key, await decryptValue(key, said, decryption))
  return found.size === 0 ? layer : { ...layer, properties: new Map([...layer.properties, ...found]) }
}

type CipherValue = LayerValue & { readonly value: string }

function isCipher(said: LayerValue): said is CipherValue {
  return typeof said.value === 'string' && isCipherText(said.value)
}

async function decryptValue(property: string, said: CipherValue, { cipher, failed }: Decryption): Promise<LayerValue> {
  if (cipher === undefined) return { ...said, value: null, lost: 'there is no key here' }
  try {
    return { ...said, value: await cipher.decrypt(said.value.slice(CIPHER_PREFIX.length), { property }) }
  } catch (error) {
    return failed === 'keep' ? said : { ...said, value: null, lost: reasonOf(error) }
  }
}

/** In words of our own: nothing of a text or a key may get into a log. */
function reasonOf(error: unknown): string {
  switch (error instanceof EnvironmentError ? error.code : undefined) {
    case 'no-such-key':
      return 'its text names a key that is not here'
    case 'no-private-key':
      return 'the key here is only a public one'
    default:
      return 'its text is damaged, or was made with another key or for another property'
  }
}
