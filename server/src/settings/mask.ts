/** What stands for a secret wherever settings are shown. */
export const MASK = '******'

/** A text with the credentials of every URI in it masked, the query too: it may hold a token. It masks too much rather than too little. */
export function maskUri(text: string): string {
  return text.replace(/(:\/\/)\S*@/g, `$1${MASK}@`).replace(/(:\/\/[^\s?]*\?)\S+/g, `$1${MASK}`)
}

/** Whether a key of a user's own, such as one of `overrides`, sounds like a secret. */
export function soundsSecret(key: string): boolean {
  return /pass(word|wd|phrase)?|secret|token|credential|private|(^|[._-])(api)?[-_]?keys?$/i.test(key)
}
