import type { Pairs } from './pairs.js'

/** Assignments that every POSIX shell reads as they are meant, and that run nothing: `set -a; eval "$(carillon get orders -o env)"`. */
export function shellText(pairs: Pairs): string {
  return pairs.map(([name, text]) => `${name}=${shellQuoted(text)}\n`).join('')
}

function shellQuoted(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
