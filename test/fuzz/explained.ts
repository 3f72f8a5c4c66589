import { readsAsOneDocument } from '../../server/src/resolution/render/sound.js'
import type { Pair } from './compare.js'
import { canonical, parseExactly } from './json.js'

/** A known difference: why it is right, and where docs/reference/compatibility.md says so. */
interface Explanation {
  readonly reason: string
  readonly anchor: string
  readonly applies: (pair: Pair) => boolean
}

const isJson = (body: Buffer): boolean => {
  try {
    JSON.parse(body.toString('utf8'))
    return true
  } catch {
    return false
  }
}

const isYaml = (body: Buffer): boolean => readsAsOneDocument(body.toString('utf8'))

const withoutMarks = (body: Buffer): string => body.toString('utf8').replaceAll('\ufffd', '')

const explanations: readonly Explanation[] = [
  {
    reason: 'Spring puts placeholder values into the finished JSON text, which breaks it; Carillon answers JSON always',
    anchor: 'placeholders-in-json',
    applies: ({ request, spring, carillon }) =>
      /\.json(\?|$)/.test(request.path) &&
      spring.status === 200 &&
      spring.type === 'application/json' &&
      !isJson(spring.body) &&
      carillon.status === 200 &&
      isJson(carillon.body),
  },
  {
    reason:
      'Spring puts placeholder values into the finished YAML text, and a line break in one makes it unreadable; Carillon then writes each value on its own',
    anchor: 'placeholders-in-yaml',
    applies: ({ request, spring, carillon }) =>
      /\.ya?ml(\?|$)/.test(request.path) &&
      spring.status === 200 &&
      carillon.status === 200 &&
      !isYaml(spring.body) &&
      isYaml(carillon.body),
  },
  {
    reason: 'Bytes that are no UTF-8 become U+FFFD when they are read as text; Java and Node count them differently',
    anchor: 'bytes-that-are-no-utf-8',
    applies: ({ spring, carillon }) =>
      spring.status === 200 &&
      spring.body.includes('\ufffd') &&
      carillon.status === 200 &&
      withoutMarks(spring.body) === withoutMarks(carillon.body),
  },
  {
    reason:
      'Spring writes !!binary into .properties as the address of a Java array and !!timestamp as Java prints a date, or as YAML would read it back; Carillon writes one text',
    anchor: 'dates-with-a-tag',
    applies: ({ spring, carillon }) =>
      spring.status === 200 &&
      carillon.status === 200 &&
      spring.type === carillon.type &&
      withoutJava(spring.body, carillon.body) === withoutJava(carillon.body, spring.body),
  },
  {
    reason:
      "Spring's columns are off, and documents split, on the line that follows a separator with blanks behind it; Carillon's are right",
    anchor: 'blanks-behind-a-separator',
    applies: ({ spring, carillon, blankSeparators }) =>
      blankSeparators &&
      spring.status === 200 &&
      spring.type.endsWith('json') &&
      spring.type === carillon.type &&
      valuesOf(spring.body) === valuesOf(carillon.body),
  },
  {
    reason: 'For a file with a slash behind it Spring forgets the variants of the profiles; Carillon finds them',
    anchor: 'a-slash-behind-a-file',
    applies: ({ request, spring, carillon }) => /[^/]\/$/.test(request.path) && spring.status === 200 && carillon.status === 200,
  },
  {
    reason:
      'For a list of labels Spring chooses a repository for each label anew and joins two addresses into names; Carillon chooses one repository',
    anchor: 'lists-of-labels-with-pattern-repositories',
    applies: ({ request, variant, carillon }) => variant === 'patterns' && hasLabelList(request.path) && carillon.status === 200,
  },
  {
    reason:
      'A label of a list that Spring cannot read is left out in silence; Carillon reads more files (a 500 of Spring, where it is asked for alone)',
    anchor: 'files',
    applies: ({ request, variant, spring, carillon }) =>
      variant === 'strict' && hasLabelList(request.path) && spring.status === 404 && carillon.status === 200,
  },
]

const javaArray = /\[B@[0-9a-f]+/g
const dates = /'?\d{4}-\d\d-\d\dT[\d:.]+Z'?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}/g

/** The text with one mark for each date, and for each array of bytes and the base64 that the other text has in its place. */
const withoutJava = (body: Buffer, other: Buffer): string => {
  const text = body.toString('utf8').replace(dates, '(date)')
  const arrays = `${text}${other}`.includes('[B@')
  const neutral = arrays ? text.replace(javaArray, '(bytes)').replaceAll('aGVsbG8=', '(bytes)') : text
  // The order of keys is free in JSON.
  return canonical(parseExactly(Buffer.from(neutral)) ?? neutral)
}

/** The keys with their values and lines, of all sources together: columns and the numbers of documents are off with the splits. */
const valuesOf = (body: Buffer): string => {
  const text = body.toString('utf8').replace(/"origin":"(\d+):\d+"/g, '"origin":"$1"')
  const environment = parseExactly(Buffer.from(text)) as { readonly propertySources?: readonly { readonly source: object }[] } | undefined
  return canonical(environment?.propertySources?.flatMap(({ source }) => Object.entries(source).map(canonical)).sort() ?? environment)
}

/** `/app/profile/a,b` or `/a,b/app-profile.yml`, perhaps below the prefix. */
const hasLabelList = (path: string): boolean => {
  const segments =
    path
      .replace(/^\/api\/config/, '')
      .split('?')[0]
      ?.split('/')
      .slice(1) ?? []
  return (segments.length === 2 ? segments[0] : segments[2])?.includes(',') ?? false
}

/** The reason for a known difference with its place in the documentation; `undefined` for one that nobody has explained. */
export const findReason = (pair: Pair): string | undefined => {
  const found = explanations.find(({ applies }) => applies(pair))
  return found && `${found.reason} (docs/reference/compatibility.md#${found.anchor})`
}
