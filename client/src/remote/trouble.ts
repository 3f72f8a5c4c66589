import { ConfigError } from '../errors.js'

/** What the operating system, TLS and the HTTP parser call it, and what it means. */
const MEANING: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was cut off before an answer'],
  ['EPIPE', 'the connection was cut off before an answer'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the host name could not be looked up'],
  ['EHOSTUNREACH', 'there is no way to the host'],
  ['ENETUNREACH', 'there is no way to the network'],
  ['ETIMEDOUT', 'no connection was made in time'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection was made in time'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed; name it in `tls.ca`'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is of an unknown authority; name that in `tls.ca`'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is of an unknown authority; name that in `tls.ca`'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate is of an unknown authority; name that in `tls.ca`'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'it wants a certificate of the client: `tls.cert` and `tls.key`'],
  ['EPROTO', 'it does not speak TLS as this client does; is it http?'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS as this client does; is it http?'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it does not speak TLS as this client does; is it http?'],
])

/** Why there is no answer: a failure of the network, TLS or the HTTP parser as an error of this package. */
export function troubleOf(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error
  const code = codeOf(error)
  if (code?.startsWith('HPE_')) return new ConfigError('bad-response', `what came is not HTTP (${code})`, { cause: error })
  const meaning = code === undefined ? undefined : MEANING.get(code)
  return new ConfigError('unreachable', meaning ?? code ?? messageOf(error), { cause: error })
}

/** Several addresses that fail are one error with the errors of all; `fetch` hides the reason in `cause`. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined)) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}

/** The message of something thrown, as one short line. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error && error.message !== '' ? error.message : String(error))
}

/** Text from outside that stands in a message: one line of at most 300 characters. */
export function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
