import { closed, flag, type SettingNode, text } from './nodes.js'

const keyStore: Readonly<Record<string, SettingNode>> = {
  location: text('Key store, PKCS#12 or JKS, as a path or file: address. Wins over encrypt.key; watched.'),
  password: text('Its password.', { secret: true }),
  alias: text('The key to use where a text names none.'),
  secret: text('Password of the key, where it is not that of the store.', { secret: true }),
  type: text('jks or pkcs12; the file itself says which it is.'),
}

/** Settings of ciphers: Spring's `encrypt.*` and our own below `carillon.encrypt`. */
export const encryptSchema: Readonly<Record<string, SettingNode>> = {
  encrypt: closed(),
  'encrypt.key': text('Password, or RSA private key in PEM, for cipher texts.', { secret: true }),
  'encrypt.salt': text('Salt of that password, in hex.', { secret: true, default: 'deadbeef' }),
  'encrypt.fail-on-error': flag('Do not start where a {cipher} value of these settings cannot be decrypted; otherwise it is empty.', {
    default: true,
  }),
  'encrypt.key-store': closed(),
  ...Object.fromEntries(Object.entries(keyStore).map(([name, node]) => [`encrypt.key-store.${name}`, node])),
  'encrypt.rsa': closed(),
  'encrypt.rsa.algorithm': text('Padding of the session key, for keys of a store.', { enum: ['default', 'oaep'], default: 'default' }),
  'encrypt.rsa.strong': flag('AES-GCM instead of AES-CBC for the text, for keys of a store.', { default: false }),
  'encrypt.rsa.salt': text('Salt of the session key, for keys of a store.', { secret: true, default: 'deadbeef' }),
  'carillon.encrypt': closed(),
  'carillon.encrypt.key-file': text('File with what encrypt.key would say; watched.'),
  'carillon.encrypt.keys': {
    type: 'object',
    description:
      'More keys by the ids that texts name with {key:ID}, as text or as file: address (watched). Texts that name none are tried with them too.',
    additionalProperties: { type: 'string', secret: true },
    default: {},
  },
  'carillon.encrypt.fall-through': flag('Let the value of a weaker file show where that of a stronger one cannot be decrypted.', {
    default: false,
  }),
}

/** The same below `spring.cloud.config.server.encrypt`. */
export const serverEncryptSchema: Readonly<Record<string, SettingNode>> = {
  'encrypt.enabled': flag('Decrypt before answering; otherwise cipher texts travel as they are.', { default: true }),
  'encrypt.plain-text-encrypt': flag('Decrypt inside plain-text files too: .json, .properties, .yml and .yaml.', { default: false }),
  'encrypt.prefix-invalid-properties': flag('Show what cannot be decrypted as invalid.KEY: <n/a>; otherwise as its cipher text.', {
    default: true,
  }),
}
