/** Why the document's language could not be followed. */
export type EnvironmentErrorCode =
  | 'circular-placeholder' // a key whose value needs that key
  | 'too-large' // placeholders that nest too deep or grow beyond all measure

/** The one error class of this package: a code from a closed list and what was found. */
export class EnvironmentError extends Error {
  readonly code: EnvironmentErrorCode

  constructor(code: EnvironmentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EnvironmentError'
    this.code = code
  }
}
