/** What stands for a secret wherever settings or configuration are shown. */
export const MASK = '******'

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gs

/** A text with every private key in it and the credentials of every URI masked, the query too: it may hold a token. It masks too much rather than too little. */
export function maskSecrets(text: string): string {
  return text
    .replace(PRIVATE_KEY, MASK)
    .replace(/(:\/\/)\S*@/g, `$1${MASK}@`)
    .replace(/(:\/\/[^\s?]*\?)\S+/g, `$1${MASK}`)
}

/** Whether a key that users choose sounds like a secret. */
export function soundsSecret(key: string): boolean {
  return /pass(word|wd|phrase)?|secret|token|credential|private|(^|[._-])(api)?[-_]?keys?$/i.test(key)
}
