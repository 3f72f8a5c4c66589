import { ServerError } from '../../errors.js'

/** What a machine says that has no descriptors, memory or processes left at the moment. */
const SHORTAGES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'])

/** The error of what could not even be tried: it says nothing of what is stored, and another try may go well. */
export function momentary(message: string, cause?: unknown): ServerError {
  return new ServerError('not-ready', message, { cause })
}

/** The same for any error of that kind; `undefined` for one that is about what is stored. */
export function asMomentary(error: unknown): ServerError | undefined {
  if (error instanceof ServerError) return error.code === 'not-ready' ? error : undefined
  const { code, message } = error as NodeJS.ErrnoException
  return SHORTAGES.has(code) ? momentary(`this machine is short of something: ${message}`, error) : undefined
}
