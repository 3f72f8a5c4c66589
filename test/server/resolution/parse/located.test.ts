import { expect } from 'chai'
import { type LocatedFile, locateValues } from '../../../../server/src/resolution/parse/located.js'
import { bytesOf, readVectors } from './rows.js'

interface Source {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Key, line, and what is written there. */
function written(path: string, source: string | Uint8Array): readonly string[] {
  const { text, values } = locateValues(path, typeof source === 'string' ? bytesOf(path, source) : source)
  return values.map(({ key, line, start, end }) => `${key} ${line} ${start === undefined ? '' : text.slice(start, end)}`)
}

describe('locateValues', () => {
  it('finds what is written for each value of YAML, and nothing around it', () => {
    const yaml = `# first
a: plain text # not this
b:   'it''s'
c: !!str &x "two
  lines"   # nor this
d: [one, 'two' ,*x, three]
e: {f: 1, 'g h': yes}
h:
i: over
  two lines
j: |-
  block
---
a: 🔔 "b" # nor this
`
    expect(written('x.yml', yaml)).to.deep.equal([
      'a 2 plain text',
      "b 3 'it''s'",
      'c 4 "two\n  lines"',
      'd[0] 6 one',
      "d[1] 6 'two'",
      'd[2] 4 "two\n  lines"',
      'd[3] 6 three',
      'e.f 7 1',
      'e.g h 7 yes',
      'h 8 ',
      'i 9 over\n  two lines',
      'j 11 |-\n  block\n',
      'a 14 🔔 "b"',
    ])
  })

  it('finds what is written for each value of properties, and all of several with one key', () => {
    const properties = '# first\na=1\r\nb\\ c : two \\\n   lines\nd[]=x, y\\,z\n#---\na = \\u00e9é '
    expect(written('x.properties', properties)).to.deep.equal([
      'a 2 1',
      'b c 3 two \\\n   lines',
      'd[0] 5 x',
      'd[1] 5 y\\,z',
      'a 7 \\u00e9é ',
    ])
  })

  it('keeps encoding and byte order mark', () => {
    const little = Buffer.from('\ufeffa: bé\n', 'utf16le')
    for (const bytes of [Buffer.from('\ufeffa: bé\n'), little, Buffer.from(little).swap16()]) {
      expect(written('x.yml', bytes)).to.deep.equal(['a 1 bé'])
      expect(again(locateValues('x.yml', bytes))).to.deep.equal([...bytes])
    }
    const latin = bytesOf('x.properties', 'a=é\n')
    expect(again(locateValues('x.properties', latin))).to.deep.equal([...latin])
  })

  it('finds in every file that real parsers read what can be replaced without a change to anything else', () => {
    const replaced = sources().map(replaceEach)
    expect(replaced.reduce((sum, count) => sum + count)).to.be.above(300)
  })

  it('refuses other files', () => {
    expect(() => locateValues('x.xml', Buffer.from('<a/>'))).to.throw(/x\.xml:1:1: expected a name ending in/)
  })
})

function again({ text, bytesOf }: LocatedFile): readonly number[] {
  return [...bytesOf(text)]
}

function sources(): readonly Source[] {
  const yaml = readVectors<{ readonly source: string }>('yaml.json').map(({ source }) => ({ path: 'x.yml', bytes: Buffer.from(source) }))
  const properties = readVectors<{ readonly base64: string }>('properties.json').map(({ base64 }) => ({
    path: 'x.properties',
    bytes: Buffer.from(base64, 'base64'),
  }))
  const loaded = readVectors<{ readonly ext: string; readonly source: string }>('spring-boot.json').map(({ ext, source }) => ({
    path: `x.${ext}`,
    bytes: bytesOf(`x.${ext}`, source),
  }))
  return [...yaml, ...properties, ...loaded].filter(({ path }) => !path.endsWith('.xml'))
}

/** Replaces one value after the other; how many there were. What a tag or an anchor says of a text is left, so such values may not take one. */
function replaceEach({ path, bytes }: Source): number {
  const before = locatedOrNot(path, bytes)
  const quote = path.endsWith('.yml') || path.endsWith('.yaml') ? "'" : ''
  let count = 0
  for (const { value, start, end } of before?.values ?? []) {
    // Behind a key alone there would have to be a separator.
    if (value === '' && quote === '') continue
    if (before === undefined || start === undefined || end === undefined || before.text.includes('!')) continue
    const rest = /^[|>]/.test(before.text.slice(start, end)) ? '\n' : ''
    const after = locateValues(
      path,
      before.bytesOf(`${before.text.slice(0, start)}${quote}REPLACED${quote}${rest}${before.text.slice(end)}`),
    )
    const expected = before.values.map((each) => `${each.key}=${each.start === start ? 'REPLACED' : each.value}`)
    expect(
      after.values.map(({ key, value }) => `${key}=${value}`),
      before.text,
    ).to.deep.equal(expected)
    count += 1
  }
  return count
}

function locatedOrNot(path: string, bytes: Uint8Array): LocatedFile | undefined {
  try {
    return locateValues(path, bytes)
  } catch {
    return undefined
  }
}
