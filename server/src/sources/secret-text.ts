import { CIPHER_PREFIX, isCipherText } from '@carillon/environment'
import type { Cipher } from '@carillon/environment/ciphers'
import { ServerError } from '../errors.js'
import { parseFile } from '../resolution/parse/index.js'

/** A plain-text file by its path; the ending says how values are written in it. */
export interface PlainText {
  readonly path: string
  readonly text: string
}

/** How a value may stand in a file of a format, as written, and how its plain text is written there. */
interface Notation {
  readonly format: string
  readonly forms: (value: string) => readonly string[]
  readonly write: (plain: string) => string
}

const quoted: Notation = { format: 'yml', forms: (value) => [`"${value}"`, `'${value}'`], write: (plain) => JSON.stringify(plain) }
const bare: Notation = { format: 'properties', forms: (value) => [value], write: escapedProperty }

const NOTATIONS: ReadonlyMap<string, Notation> = new Map([
  ['json', quoted],
  ['yml', quoted],
  ['yaml', quoted],
  ['properties', bare],
])

/**
 * A `.json`, `.yml`, `.yaml` or `.properties` file with the values that are cipher texts decrypted, everything else as it was. A plain text is written as the
 * format wants it, quotes included; Spring puts it in as it is. Throws `undecipherable` where one cannot be decrypted, as Spring fails then, and what `parseFile` throws.
 */
export async function decryptText({ path, text }: PlainText, cipher: Pick<Cipher, 'decrypt'> | undefined): Promise<string> {
  const notation = NOTATIONS.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase())
  if (notation === undefined || !text.includes(CIPHER_PREFIX)) return text
  const documents = parseFile(path, Buffer.from(text), { format: notation.format })
  let result = text
  for (const [key, { value }] of documents.flatMap(({ properties }) => [...properties])) {
    if (!isCipherText(value)) continue
    const plain = await cipher?.decrypt(value.slice(CIPHER_PREFIX.length), { property: key }).catch(() => undefined)
    if (plain === undefined) throw undecipherable(key, path)
    for (const form of notation.forms(value)) result = result.replaceAll(form, () => notation.write(plain))
  }
  return result
}

/** As java.util.Properties writes a value. */
function escapedProperty(plain: string): string {
  return plain
    .replace(/[\\\n\r\t\f]/g, (char) => ESCAPES[char] ?? char)
    .replace(/^ /, '\\ ')
    .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f' }

function undecipherable(key: string, file: string): ServerError {
  return new ServerError('undecipherable', `The cipher value of '${key}' in '${file}' cannot be decrypted.`, { file })
}
