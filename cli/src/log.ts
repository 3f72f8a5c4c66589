import pino, { type Logger } from 'pino'

/** One readable line for what matters on a terminal, JSON for machines otherwise; both on stderr, so that data keeps stdout. */
export async function createLog(level: string): Promise<Logger> {
  const options = { level, base: null }
  if (!process.stderr.isTTY) return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }))
  const { default: pretty } = await import('pino-pretty')
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
