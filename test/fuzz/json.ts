/** JSON where each number became a text that tells integer from double; `undefined` when it is no JSON. */
export const parseExactly = (body: Buffer): unknown => {
  const text = body.toString('utf8')
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(markNumber(token)),
  )
  try {
    JSON.parse(text)
    return JSON.parse(marked)
  } catch {
    return undefined
  }
}

const markNumber = (token: string): string =>
  /[.eE]/.test(token) ? `\u0000double ${Object.is(Number(token), -0) ? '-0' : Number(token)}` : `\u0000integer ${token}`

/** One text for one value, whatever the order of its keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
