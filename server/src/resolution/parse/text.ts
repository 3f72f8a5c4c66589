import { type ParseContext, unreadable } from './document.js'

/** Decodes UTF-8, or what a byte order mark says (UTF-8, UTF-16), without the mark; throws `unreadable-file` where that fails. */
export function decodeUnicode(context: ParseContext, bytes: Uint8Array): string {
  const encoding = markedEncoding(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw unreadable(
      { file: context.file, expected: `expected ${encoding} text, got other bytes`, cause },
      placeOfBadBytes(bytes, encoding),
    )
  }
}

/** Decodes ISO-8859-1: every byte is the character with its number. (The label `latin1` of TextDecoder means windows-1252.) */
export function decodeLatin1(bytes: Uint8Array): string {
  const chunks: string[] = []
  for (let start = 0; start < bytes.length; start += CHUNK) chunks.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK)))
  return chunks.join('')
}

/** Small enough to be passed as arguments. */
const CHUNK = 8192

/** The bytes of a text in the encoding, and with the mark, of the bytes that it was decoded from. */
export function encodeUnicodeLike(bytes: Uint8Array, text: string): Uint8Array {
  const encoding = markedEncoding(bytes)
  if (encoding === 'utf-8') return new TextEncoder().encode(bytes[0] === 0xef && bytes[1] === 0xbb ? `\ufeff${text}` : text)
  const units = Uint16Array.from(`\ufeff${text}`, (_, index) => (index === 0 ? 0xfeff : text.charCodeAt(index - 1)))
  const view = new DataView(new ArrayBuffer(units.length * 2))
  for (const [index, unit] of units.entries()) view.setUint16(index * 2, unit, encoding === 'utf-16le')
  return new Uint8Array(view.buffer)
}

/** The bytes of a text of ISO-8859-1. */
export function encodeLatin1(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}

function markedEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return 'utf-8'
}

/** The last line that decodes is as near as a decoder tells. */
function placeOfBadBytes(bytes: Uint8Array, encoding: string): { line: number; column: number } {
  if (encoding !== 'utf-8') return { line: 1, column: 1 }
  const good = new TextDecoder().decode(bytes).split('\ufffd', 1)[0] ?? ''
  const lines = good.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
