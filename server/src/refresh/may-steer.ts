/**
 * Whether a file may say anything about other files and profiles, from its bytes alone: hardly any does, and parsing one costs thirty times as much as looking
 * for words. Never `false` for one that steers: a directive is spelled in letters that stand in this order in the file (`spring`, then for example `config` and
 * `import`), with nothing between them that names ignore, unless it is written in escapes.
 */
export function maySteer(bytes: Uint8Array, format: string): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(format === 'properties' ? 'latin1' : 'utf8')
  // Names may be written in entities, and texts of other encodings hold NUL.
  if (format === 'xml' || text.includes('\0')) return true
  if (ESCAPES.test(text) || BINARY.test(text)) return true
  if (!SPRING.test(text)) return false
  if (CONFIG.test(text) && (IMPORT.test(text) || ACTIVATE.test(text))) return true
  if (PROFILES.test(text) && (INCLUDE.test(text) || GROUP.test(text))) return true
  return PLACEHOLDER.test(text) && (CONFIG.test(text) || PROFILES.test(text) || MAIN.test(text))
}

const ESCAPES = /\\[a-z0-9_]/i
const PLACEHOLDER = /\$[\\\s]*\{/
const [SPRING, CONFIG, IMPORT, ACTIVATE] = [relaxed('spring'), relaxed('config'), relaxed('import'), relaxed('activate')]
const [PROFILES, INCLUDE, GROUP, MAIN, BINARY] = [
  relaxed('profiles'),
  relaxed('include'),
  relaxed('group'),
  relaxed('main'),
  relaxed('binary'),
]

/** Finds a word with anything between its letters that a name may hold without being another. */
function relaxed(word: string): RegExp {
  // A capital that has a dot is a small one when names are compared.
  const letters = [...word].map((letter) => (letter === 'i' ? '[i\u0130]' : letter))
  return new RegExp(letters.join('[^a-z0-9.]*'), 'i')
}
