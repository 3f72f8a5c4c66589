/**
 * Secrets of tests that can be found again: each holds one mark, of letters and digits alone, so that no escape (JSON, URL, YAML, HTML, a shell) changes it. What else may
 * happen to a text on its way out is tried: base64 at each of three offsets, hex, UTF-16, letters of another case. JavaScript, because the reporter of the tests looks too.
 */
const MARK = 'k4n4r13nv0g31'

/** A secret that is to be searched for; different names are different secrets. */
export const canary = (name) => `${MARK}${name}`

/** A text that holds secrets, as it may be printed: in the title of a test, which not every report shows. */
export const titled = (text) => text.replaceAll(MARK, 'a-secret-')

const forms = [
  { form: 'plain', text: MARK },
  { form: 'hex', text: Buffer.from(MARK).toString('hex') },
  ...[0, 1, 2].map((offset) => ({ form: 'base64', text: base64Within(offset) })),
]

/** How secrets stand in an output, by form: `[]` where there is none. Never the text itself, which would be one more trace. */
export function tracesIn(output) {
  const bytes = typeof output === 'string' ? Buffer.from(output) : Buffer.from(output)
  const text = bytes.toString('latin1')
  const readings = [text, text.toLowerCase(), text.replaceAll('\0', '')]
  return [...new Set(forms.filter((each) => readings.some((reading) => reading.includes(each.text))).map(({ form }) => form))]
}

/** The characters that do not depend on what stands before and behind. */
function base64Within(offset) {
  const whole = Buffer.from('-'.repeat(offset) + MARK).toString('base64')
  const settled = Math.floor(((offset + MARK.length) * 8) / 6)
  return whole.slice(Math.ceil((offset * 8) / 6), settled)
}
