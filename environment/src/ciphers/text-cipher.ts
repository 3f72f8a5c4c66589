/** One key with one way of using it. What is wrong with a text that is not decrypted is never told: it is `undecipherable`. */
export interface TextCipher {
  readonly encrypt: (plain: string) => Promise<string>
  /** Throws `undecipherable`, and `no-private-key` where the key is only a public one. */
  readonly decrypt: (text: string) => Promise<string>
  /** The same at once; it takes the main thread as long as it takes. */
  readonly decryptSync: (text: string) => string
}
