import { CommandError } from '../failure.js'
import type { Pairs } from './pairs.js'

/**
 * Lines of a `.env` file that the package dotenv and `node --env-file` read alike. Neither has an escape for its quotes: throws 'unwritable' for what no quotes
 * can hold.
 */
export function dotenvText(pairs: Pairs): string {
  const written = pairs.map(([name, text]) => ({ name, quoted: quotedFor(name, text) }))
  const refused = written.filter(({ quoted }) => quoted === undefined).map(({ name }) => name)
  if (refused.length > 0) {
    throw new CommandError(
      'unwritable',
      `No .env file can hold ${refused.join(', ')}: ${REASON}. Other formats can, and --only leaves keys out.`,
    )
  }
  return written.map(({ name, quoted }) => `${name}=${quoted}\n`).join('')
}

const REASON =
  'a value with a carriage return, a zero byte, a backslash at its end or all three kinds of quotes reads differently there, or a name that is no variable'

/** Where several quotes would do, those that are harmless where a shell reads the file. */
function quotedFor(name: string, text: string): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name) || /[\r\0]/.test(text) || !text.isWellFormed()) return undefined
  if (/^[\w./:@%+,=-]*$/.test(text)) return text
  // The reader of dotenv takes a backslash before a quote for an escape, where what follows lets it.
  if (text.endsWith('\\')) return undefined
  if (!text.includes("'")) return `'${text}'`
  if (!text.includes('"') && !/\\[nr]/.test(text)) return `"${text}"`
  return text.includes('`') || /\\['"]/.test(text) ? undefined : `\`${text}\``
}
