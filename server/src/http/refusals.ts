import { ServerError } from '../errors.js'
import { V2_TYPE } from './accept.js'

/** The error of a path that leads to nothing; an empty one is a label in the place of a path. */
export function noSuchFile(path: string): ServerError {
  return new ServerError(
    'not-found',
    path === '' ? 'The path names no file.' : `No such file: '${path}' is in none of the searched folders.`,
  )
}

/** The error of an `Accept` that takes none of an environment's types. */
export function notAcceptable(accept: string | undefined): ServerError {
  return new ServerError('not-acceptable', `An environment is application/json or ${V2_TYPE}: 'Accept: ${accept}' takes neither.`)
}
