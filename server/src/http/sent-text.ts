/** What a client sent to be encrypted or decrypted. */
export interface Sent {
  readonly body: Buffer
  readonly contentType: string
  readonly action: 'encrypt' | 'decrypt'
}

/**
 * The text of a body: UTF-8 whatever charset is named, taken as it is, except that a client such as `curl -d` sends it as a form. Then, and for any other type
 * but exactly `text/plain` where the text ends with `=`, it is what Spring makes of it (spring-compat 5.4). `undefined` where nothing is left or an escape is broken.
 */
export function textOf({ body, contentType, action }: Sent): string | undefined {
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType.trim())
  const sent = isForm ? rebuiltForm(body.toString('utf8')) : body.toString('utf8')
  if (sent === '') return undefined
  if (!sent.endsWith('=') || contentType.trim() === 'text/plain') return sent
  const decoded = decodeForm(sent)
  if (decoded === undefined) return undefined
  return action === 'encrypt' ? decoded.slice(0, -1) : cipherText(decoded)
}

/** The body as a servlet container gives it back from the parameters that it has read: `secret` is `secret=`, and equal names come together. */
function rebuiltForm(body: string): string {
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(body)) {
    if (name === '') continue
    values.set(name, [...(values.get(name) ?? []), value])
  }
  const pairs = [...values].flatMap(([name, all]) => all.map((value): [string, string] => [name, value]))
  return new URLSearchParams(pairs).toString()
}

function decodeForm(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** A plus that became a blank is one again; the last `=` goes where it is the form's and not that of base64. */
function cipherText(decoded: string): string {
  const text = decoded.replaceAll(' ', '+')
  if (text.length % 2 === 0) return text
  const without = text.slice(0, -1)
  return /^([0-9a-f]{2})*$/i.test(without) || isBase64(without) ? without : text
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
