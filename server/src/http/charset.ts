/** The first charset of an `Accept-Charset` header that can be decoded; UTF-8 where there is none. */
export function charsetOf(header: string | undefined): string {
  const names = (header ?? '').split(',').map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '')
  return names.find((name) => name !== '' && name !== '*' && isKnown(name)) ?? 'utf-8'
}

/**
 * Text from bytes, as Java decodes it: what cannot be decoded becomes U+FFFD, a byte order mark stays. The web's decoder takes ISO-8859-1 and ASCII for
 * windows-1252, so these two are done by hand.
 */
export function decodeText(bytes: Uint8Array, charset: string): string {
  if (LATIN1.has(charset)) return Buffer.from(bytes).toString('latin1')
  if (ASCII.has(charset))
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\xff]/g, '\ufffd')
  return new TextDecoder(charset, { ignoreBOM: true }).decode(bytes)
}

const LATIN1 = new Set(['iso-8859-1', 'latin1', 'iso8859-1', 'iso_8859-1', 'l1', 'cp819'])
const ASCII = new Set(['us-ascii', 'ascii', 'iso646-us'])

function isKnown(name: string): boolean {
  if (LATIN1.has(name) || ASCII.has(name)) return true
  try {
    return new TextDecoder(name).encoding !== ''
  } catch {
    return false
  }
}
