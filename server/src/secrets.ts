import { installedKeys } from './key-files.js'
import type { Log } from './log.js'
import type { EncryptSettings } from './settings/settings.js'
import { createSecrets, type Secrets } from './sources/secrets.js'

/** Secrets that stop watching their key files when they are closed. */
export interface OpenSecrets {
  readonly secrets: Secrets
  /** Idempotent. */
  readonly close: () => void
}

const WHY_NOT = {
  failed: 'Values cannot be decrypted: their texts are damaged, or were made with another key or for another property.',
  'no-key':
    'Values cannot be decrypted: no key is installed. Give encrypt.key or encrypt.key-store; or spring.cloud.config.server.encrypt.enabled: false, for clients that decrypt.',
}

/** Installs the keys of the settings. The log is told of what cannot be decrypted, by the keys of the properties. Throws `invalid-settings`. */
export function openSecrets(settings: EncryptSettings, log: Log): OpenSecrets {
  const keys = installedKeys(settings, log)
  const secrets = createSecrets({ settings, keys: keys.current, onFailed: ({ reason, ...fields }) => log.warn(fields, WHY_NOT[reason]) })
  return { secrets, close: keys.close }
}
