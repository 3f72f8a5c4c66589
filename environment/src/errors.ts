/** Why the document's language could not be followed. */
export type EnvironmentErrorCode =
  | 'circular-placeholder' // a key whose value needs that key
  | 'too-large' // placeholders that nest too deep or grow beyond all measure
  | 'undecipherable' // a cipher text that this key did not make, or that is not whole: which of the two is never told
  | 'no-such-key' // a cipher text names a key that nobody has
  | 'no-private-key' // there is only a public key: it encrypts and cannot decrypt
  | 'invalid-selector' // what stands before a text chooses a cipher that there is not, or leaves out what that cipher needs
  | 'unusable-key' // key material that cannot be read, or a password that does not open it

/** The one error class of this package: a code from a closed list and what was found. */
export class EnvironmentError extends Error {
  readonly code: EnvironmentErrorCode

  constructor(code: EnvironmentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EnvironmentError'
    this.code = code
  }
}
