import { locateValues as locate } from '@carillon/server'
import { expect } from 'chai'
import fc from 'fast-check'
import { loadAll } from 'js-yaml'
import { changeValues } from '../../../cli/src/secrets/change.js'
import { anyText } from '../formats/texts.js'

/** A value in one of the ways of writing it in YAML, with what may stand behind it on the line. */
const yamlValue = fc.oneof(
  fc.constantFrom(
    'plain',
    'plain # with a sign',
    '7',
    'no',
    '~',
    "'it''s'",
    '"a\\tb"',
    '"x"   # said',
    "'{cipher}abc' # key of 2026",
    '""',
  ),
  fc.constantFrom('|-\n    block\n    lines', '>-\n    folded\n\n    text', '"over\n    lines"', 'over\n    lines'),
)
const comment = fc.constantFrom('', '  # a note\n', '\n', '  # {cipher} is no value here\n')
const ending = fc.constantFrom('\n', '\r\n')

/** `top.k0`, `top.k1` … with comments between them. */
const yamlFile = fc
  .tuple(fc.array(fc.tuple(comment, yamlValue), { minLength: 1, maxLength: 6 }), ending)
  .map(([values, end]) =>
    `# first\ntop:\n${values.map(([note, value], index) => `${note}  k${index}: ${value}\n`).join('')}`.replaceAll('\n', end),
  )

const propertiesValue = fc.constantFrom('a', 'x = y', '\\u00e9\\t', 'two \\\n   lines', '{cipher}abc', 'é')
const propertiesFile = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom('=', ' : ', ' '), propertiesValue), { minLength: 1, maxLength: 6 }), ending)
  .map(([values, end]) =>
    `! first\n${values.map(([sign, value], index) => `k${index}${sign}${value}\n# note\n`).join('')}`.replaceAll('\n', end),
  )

/** What YAML can hold at all. */
const yamlText = anyText.filter((text) => text !== '' && text.isWellFormed())

function change(path: string, text: string, { key, becomes }: { readonly key: string; readonly becomes: string }): string {
  const bytes = Buffer.from(text, path.endsWith('.properties') ? 'latin1' : 'utf8')
  const at = locate(path, bytes).values.find((value) => value.key === key)
  if (at === undefined) throw new Error(`no ${key}`)
  return Buffer.from(changeValues(path, bytes, { changes: [{ at, text: becomes }], locate })).toString(
    path.endsWith('.properties') ? 'latin1' : 'utf8',
  )
}

describe('changeValues', () => {
  it('changes one value of any YAML, for other readers too, and not a byte around it', () => {
    fc.assert(
      fc.property(yamlFile, fc.nat(), yamlText, (file, which, becomes) => {
        const [before] = loadAll(file) as [{ top: Record<string, unknown> }]
        const keys = Object.keys(before.top)
        const key = keys[which % keys.length] ?? ''
        const after = change('x.yml', file, { key: `top.${key}`, becomes })
        expect(loadAll(after)).to.deep.equal([{ top: { ...before.top, [key]: becomes } }])
        expectOneStretch(file, after, key)
      }),
      { numRuns: 300 },
    )
  })

  it('changes one value of any properties, and not a byte around it', () => {
    fc.assert(
      fc.property(propertiesFile, fc.nat(), anyText, (file, which, becomes) => {
        const before = locate('x.properties', Buffer.from(file, 'latin1')).values.map(({ key, value }) => [key, value])
        const [key = ''] = (before[which % before.length] ?? []) as [string]
        const after = change('x.properties', file, { key, becomes })
        const values = locate('x.properties', Buffer.from(after, 'latin1')).values.map(({ key, value }) => [key, value])
        expect(values).to.deep.equal(before.map(([each, value]) => [each, each === key ? becomes : value]))
        expectOneStretch(file, after, key)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the kind of quotes, lists, flows, anchors and documents', () => {
    const rows: readonly (readonly [path: string, file: string, key: string, expected: string])[] = [
      ['x.yml', 'a: "b" # c\n', 'a', 'a: "{cipher}d,e" # c\n'],
      ['x.yml', "a: 'b'\n", 'a', "a: '{cipher}d,e'\n"],
      ['x.yml', 'a: b\r\nc: d\r\n', 'a', "a: '{cipher}d,e'\r\nc: d\r\n"],
      ['x.yml', 'a: [x, {b: c}]', 'a[1].b', "a: [x, {b: '{cipher}d,e'}]"],
      ['x.yml', 'a: &x b\nc: d\n', 'a', "a: &x '{cipher}d,e'\nc: d\n"],
      ['x.yml', 'a: |-\n  b\n\n# c\nd: e\n', 'a', "a: '{cipher}d,e'\n\n# c\nd: e\n"],
      ['x.yml', '---\na: b\n--- # two\nc: d\n...\n', 'c', "---\na: b\n--- # two\nc: '{cipher}d,e'\n...\n"],
      ['x.properties', 'a=b\n#---\nc = d', 'c', 'a=b\n#---\nc = {cipher}d,e'],
      ['x.properties', 'a[]=b, c,d\n', 'a[1]', 'a[]=b, {cipher}d\\,e,d\n'],
    ]
    for (const [path, file, key, expected] of rows) expect(change(path, file, { key, becomes: '{cipher}d,e' }), file).to.equal(expected)
  })

  it('refuses where more than the value would change', () => {
    expect(() => change('x.yml', 'a: !!int 5\n', { key: 'a', becomes: 'b' })).to.throw(/x\.yml:1: 'a' is written in a way/)
    expect(() => change('x.properties', 'a\nb=c\n', { key: 'a', becomes: 'd' })).to.throw(/x\.properties:\d+: 'a' is written in a way/)
  })
})

/** Before and behind the changed stretch all is as it was, and the stretch is no longer than from this key to the next line that is not part of its value. */
function expectOneStretch(before: string, after: string, key: string): void {
  const start = before.indexOf(`${key}`) + key.length
  expect(after.slice(0, start)).to.equal(before.slice(0, start))
  const lines = (text: string): readonly string[] =>
    text.split(/\r?\n/).filter((line) => /^\s*(?:k\d|[#!])/.test(line) && !line.trim().startsWith(key))
  expect(lines(after)).to.deep.equal(lines(before))
}
