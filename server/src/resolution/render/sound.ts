import { parseFile } from '../parse/index.js'

/** Answers are not files: they may be of any size. */
const UNBOUNDED = { bytes: Number.MAX_SAFE_INTEGER, keys: 10_000_000, depth: 1_000, aliases: 1_000 }

/** Whether a text is one YAML document that Spring's clients could read. */
export function readsAsOneDocument(text: string): boolean {
  try {
    return parseFile('answer.yml', new TextEncoder().encode(text), UNBOUNDED).length <= 1
  } catch {
    return false
  }
}
