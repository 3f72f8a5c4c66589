export { ServerError, type ErrorPlace, type ServerErrorCode } from './errors.js'
