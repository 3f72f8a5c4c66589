import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'

/** One readable line for what matters on a terminal, JSON for machines otherwise; both on stderr, so that data keeps stdout. */
export function createLog(level: string): Logger {
  const options = { level, base: null }
  if (!process.stderr.isTTY) return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }))
  const ignored = 'repositories,url,signal'
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      ignore: ignored,
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
      colorize: process.env.NO_COLOR === undefined,
    }),
  )
}
