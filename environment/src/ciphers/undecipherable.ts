import { EnvironmentError } from '../errors.js'

/** The one answer to every text that cannot be decrypted, whatever is wrong with it: which of the reasons it was would be a padding oracle. */
export function undecipherable(): EnvironmentError {
  return new EnvironmentError('undecipherable', 'Text not encrypted with this key')
}
