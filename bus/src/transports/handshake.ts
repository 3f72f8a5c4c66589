import { BusError, textOf } from '../errors.js'

/** Node's names for a certificate that proves nothing (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const UNPROVEN = /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/

/**
 * Says what went wrong where two ends could not agree on TLS, in words that name what to look at; `undefined` where it was something else. OpenSSL's own
 * words are a line of its source code. `where` names the broker.
 */
export function handshakeTrouble(where: string, cause: unknown): BusError | undefined {
  const failures = [...chainOf(cause)]
  const code = failures.map(codeOf).find((each) => each !== undefined) ?? ''
  const text = failures.map(textOf).join('\n')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new BusError('untrusted-broker', `${where} has a certificate for another host: ${lineOf(text).replace(/^.*? altnames: /, '')}`, {
      cause,
    })
  if (UNPROVEN.test(code))
    return new BusError(
      'untrusted-broker',
      `${where} has a certificate that no authority trusted here has signed, or that is not valid: ${lineOf(text)} (${code})`,
      { cause },
    )
  const alert = /(?:tlsv1\d?|sslv3) alert ([a-z ]+)/.exec(text)?.[1]
  if (alert !== undefined) return new BusError('broker-refused', `${where} ${refusalOf(alert)}`, { cause })
  if (/wrong version number|before secure TLS connection was established/.test(text))
    return new BusError('not-connected', `${where} does not answer in TLS: is this its TLS port?`, { cause })
  return undefined
}

function refusalOf(alert: string): string {
  if (/certificate required|bad certificate$/.test(alert)) return `wants a certificate of the client (TLS alert: ${alert})`
  if (/certificate|unknown ca|access denied/.test(alert)) return `does not trust the certificate of the client (TLS alert: ${alert})`
  return `refused TLS as it was offered (TLS alert: ${alert})`
}

/** An error and what caused it. */
function* chainOf(error: unknown): Generator<Error> {
  const seen = new Set<unknown>()
  for (let each = error; each instanceof Error && !seen.has(each); each = each.cause) {
    seen.add(each)
    yield each
  }
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function lineOf(text: string): string {
  return text.split('\n')[0]?.replace(/^Connection error: /, '') ?? ''
}
