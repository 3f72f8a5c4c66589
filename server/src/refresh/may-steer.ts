/**
 * Whether a file may say anything about other files and profiles, from its bytes alone: hardly any does, and parsing one costs thirty times as much as looking
 * for words. Never `false` for one that steers: a directive is spelled in letters that stand in this order in the file (`spring`, then for example `config` and
 * `import`), with nothing between them that names ignore, unless it is written in escapes.
 */
export function maySteer(bytes: Uint8Array, format: string): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(format === 'properties' ? 'latin1' : 'utf8')
  // Names may be written in entities, and texts of other encodings hold NUL.
  if (format === 'xml' || text.includes('\0')) return true
  const letters = text.toLowerCase().replace(/[^a-z0-9.]+/g, '')
  const has = (word: string): boolean => letters.includes(word)
  if (/\\[a-z0-9_]/i.test(text) || has('binary')) return true
  if (!has('spring')) return false
  if (has('config') && (has('import') || has('activate'))) return true
  if (has('profiles') && (has('include') || has('group'))) return true
  return /\$[\\\s]*\{/.test(text) && (has('config') || has('profiles') || has('main'))
}
