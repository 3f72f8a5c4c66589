/** What a framework knows of a request. */
interface Incoming {
  readonly method?: string | undefined
  readonly url?: string | undefined
}

/** A request of the standard; `undefined` for what that cannot express, such as `OPTIONS *`, CONNECT and TRACE. */
export function requestOf({ method = 'GET', url = '/' }: Incoming): Request | undefined {
  const whole = `http://localhost${url}`
  if (!url.startsWith('/') || !URL.canParse(whole) || /^(CONNECT|TRACE|TRACK)$/i.test(method)) return undefined
  return new Request(whole, { method })
}
