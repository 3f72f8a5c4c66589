import type { PropertySource, Scalar } from '@carillon/environment'
import { expect } from 'chai'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { ServerError } from '../../../../server/src/errors.js'
import { type Format, type RenderOptions, render, resolveText } from '../../../../server/src/resolution/render/index.js'
import { sourceOf } from './sources.js'

const RESOLVE: RenderOptions = { placeholders: 'resolve', document: 'strip' }
const KEEP: RenderOptions = { placeholders: 'keep', document: 'strip' }

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return error instanceof ServerError ? error.code : String(error)
  }
  return 'no error'
}

describe('render', () => {
  const json = (...sources: PropertySource[]) => render('json', sources, RESOLVE)

  describe('nests where Spring answers 500, #1113, #1510', () => {
    const table: [string, PropertySource[], string][] = [
      ['an empty list over a list', [sourceOf({ l: '' }), sourceOf({ 'l[0]': 'a', 'l[1]': 'b' })], '{"l":""}'],
      ['a list over an empty list', [sourceOf({ 'l[0]': 'a' }), sourceOf({ l: '' })], '{"l":["a"]}'],
      ['a map over a list', [sourceOf({ 'a.b': 1n }), sourceOf({ 'a[0]': 2n })], '{"a":{"b":1}}'],
      ['a list over a map', [sourceOf({ 'a[0]': 2n }), sourceOf({ 'a.b': 1n })], '{"a":[2]}'],
      ['a list over a value', [sourceOf({ 'a[0]': 2n }), sourceOf({ a: 1n })], '{"a":[2]}'],
      ['a value over a list of maps', [sourceOf({ a: 1n }), sourceOf({ 'a[0].b': 2n })], '{"a":1}'],
      ['in one source the later shape', [sourceOf({ 'a[0]': 1n, 'a[0].b': 2n })], '{"a":[{"b":2}]}'],
      ['deep inside', [sourceOf({ 'x.y.l': '' }), sourceOf({ 'x.y.l[0].z': 'a', 'x.y.m': 'b' })], '{"x":{"y":{"m":"b","l":""}}}'],
    ]
    for (const [name, sources, expected] of table) it(name, () => expect(json(...sources)).to.equal(expected))
  })

  describe('refuses keys', () => {
    const table = [
      '.a',
      'a..b',
      '[0]',
      'a.[0]',
      'a[0]x',
      'a[0]]',
      'a[0]b.c',
      'a[0][x]',
      'a[-1]',
      'a[+1]',
      'a[0][]',
      'a[0][1',
      'a[0][99999999999]',
    ]
    for (const key of [...table, 'a[2000000000]', 'a[10001]', `a${'.a'.repeat(200)}`]) {
      it(key.slice(0, 30), () => {
        expect(codeOf(() => json(sourceOf({ [key]: 'v' })))).to.equal('invalid-key')
        expect(render('properties', [sourceOf({ [key]: 'v' })], RESOLVE)).to.equal(`${key}: v`)
      })
    }

    it('that leave many items empty together', () => {
      const values = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`l${index}[99]`, 'v']))
      expect(codeOf(() => json(sourceOf(values)))).to.equal('invalid-key')
    })
  })

  describe('reads keys', () => {
    const table: [string, string][] = [
      ['a[2]', '{"a":[null,null,"v"]}'],
      ['a[01]', '{"a":[null,"v"]}'],
      ['a[0][1].b', '{"a":[[null,{"b":"v"}]]}'],
      ['a[b].c', '{"a[b]":{"c":"v"}}'],
      ['a[b.c]', '{"a[b":{"c]":"v"}}'],
      ['a[b[0]', '{"a[b":["v"]}'],
      ['a[]', '{"a[]":"v"}'],
      ['12]x.y', '{"12]x.y":"v"}'],
      ['a[0].', '{"a":[{"":"v"}]}'],
      ['__proto__.x', '{"__proto__":{"x":"v"}}'],
    ]
    for (const [key, expected] of table)
      it(key, () => expect(json({ name: 's', properties: new Map([[key, { value: 'v' }]]) })).to.equal(expected))
  })

  it('drops spring.profiles, and nothing below it', () => {
    expect(json(sourceOf({ 'spring.profiles': 'p', 'spring.profiles.active': 'q' }))).to.equal('{"spring":{"profiles":{"active":"q"}}}')
  })

  describe('the key document', () => {
    const table: [string, PropertySource, string][] = [
      ['a list', sourceOf({ 'document[0]': 'a', 'document[1].b': 1n }), '- a\n- b: 1\n'],
      ['a number', sourceOf({ document: 12n }), "'12'\n"],
      ['a double', sourceOf({ document: 1 }), "'1.0'\n"],
      ['a text', sourceOf({ document: 'two words: x' }), "'two words: x'\n"],
      ['lines', sourceOf({ document: 'a\nb\n' }), '|\n  a\n  b\n'],
      ['a placeholder', sourceOf({ document: '${nosuch:x}' }), 'x\n'],
      ['a map stays, where Spring writes !!str', sourceOf({ 'document.a': 'b' }), 'document:\n  a: b\n'],
      ['with other keys', sourceOf({ document: 'a', b: 'c' }), 'document: a\nb: c\n'],
    ]
    for (const [name, source, expected] of table) it(name, () => expect(render('yml', [source], RESOLVE)).to.equal(expected))

    it('stays when asked', () => {
      expect(render('yml', [sourceOf({ 'document[0]': 'a' })], { ...RESOLVE, document: 'keep' })).to.equal('document:\n- a\n')
    })
  })

  describe('placeholders', () => {
    it('keep JSON valid, whatever they insert', () => {
      const source = sourceOf({ a: '${b}', b: 'line\n"quoted" \\ back', c: 'open ${a', d: '${x:{"y"}}' })
      expect(JSON.parse(json(source))).to.deep.equal({
        a: 'line\n"quoted" \\ back',
        b: 'line\n"quoted" \\ back',
        c: 'open ${a',
        d: '{"y"}',
      })
    })

    it('are escaped by one backslash in a value of JSON, by one or two in a text', () => {
      const source = sourceOf({ a: '\\${b}', c: '\\\\${b}', d: '$_{b}', b: 1n })
      expect(json(source)).to.equal('{"a":"${b}","c":"\\\\${b}","d":"${b}","b":1}')
      expect(render('properties', [source], RESOLVE)).to.equal('a: ${b}\nc: ${b}\nd: ${b}\nb: 1')
    })

    it('take the strongest source, and give YAML its types', () => {
      expect(render('yml', [sourceOf({ b: 2n }), sourceOf({ a: '${b}', b: 1n })], RESOLVE)).to.equal('a: 2\nb: 2\n')
    })

    it('that insert lines nobody could read are written as values of their own', () => {
      const source = sourceOf({ key: '${pem}', port: '${n}', n: 80n, pem: '--- BEGIN\nMIIB\n--- END' })
      const pem = '|-\n  --- BEGIN\n  MIIB\n  --- END\n'
      expect(render('yml', [source], RESOLVE)).to.equal(`key: ${pem}port: 80\nn: 80\npem: ${pem}`)
    })

    it('in circles are an error, but not when they are kept', () => {
      const source = sourceOf({ a: '${b}', b: '${a}' })
      for (const format of ['json', 'yml', 'yaml', 'properties'] as const) {
        expect(codeOf(() => render(format, [source], RESOLVE))).to.equal('circular-placeholder')
        expect(codeOf(() => render(format, [source], KEEP))).to.equal('no error')
      }
    })

    it('that double each other are an error', () => {
      const doublings = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, `\${k${i + 1}}\${k${i + 1}}`]))
      for (const format of ['json', 'yml', 'properties'] as const) {
        expect(codeOf(() => render(format, [sourceOf({ ...doublings, k60: 'x' })], RESOLVE))).to.equal('too-large')
      }
    })
  })

  describe('for any values', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc
        .array(fc.constantFrom('a', ' ', '\n', ': ', '#', "'", '"', '- ', '\t', 'word', '\u2028', '1', '.'), { maxLength: 60 })
        .map((parts) => parts.join('')),
    )
    const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, fc.boolean(), fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.double())
    const name = fc.oneof(text, fc.constantFrom('a', 'b', 'a[0]', 'a[1]')).filter((key) => key !== '')
    const source = fc.array(
      fc.tuple(
        fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('.')),
        scalar,
      ),
      { maxLength: 12 },
    )
    const sources = fc
      .array(source, { maxLength: 3 })
      .map((all) => all.map((pairs) => ({ name: 's', properties: new Map(pairs.map(([key, value]) => [key, { value }])) })))

    const attempt = (format: Format, from: readonly PropertySource[], options: RenderOptions): string | undefined => {
      try {
        return render(format, from, options)
      } catch (error) {
        expect(error).to.be.instanceOf(ServerError)
        return undefined
      }
    }

    it('the JSON is valid', () => {
      fc.assert(fc.property(sources, (from) => void JSON.parse(attempt('json', from, RESOLVE) ?? '{}')))
    })

    it('the YAML says what the JSON says', () => {
      fc.assert(
        fc.property(
          source.map((pairs) => pairs.map(([key, value]): [string, Scalar] => [key, value])),
          (pairs) => {
            // no line break but \n is one to js-yaml, and only printable text is written as text
            const plain = pairs.filter(
              ([key, value]) => /^[\n\x20-\x7e]*$/.test(`${key}${typeof value === 'string' ? value : ''}`) && typeof value === 'string',
            )
            const from = [{ name: 's', properties: new Map(plain.map(([key, value]) => [key, { value }])) }]
            const yaml = attempt('yml', from, { ...KEEP, document: 'keep' })
            if (yaml !== undefined) expect(load(yaml)).to.deep.equal(JSON.parse(render('json', from, KEEP)))
          },
        ),
      )
    })
  })
})

describe('resolveText', () => {
  it('resolves a file, escapes included', () => {
    const file = 'plain ${which} ${nosuch:none} ${unset} $_{which} \\${which}\nline 2 ${order.b.w:no}\n'
    expect(resolveText(file, [sourceOf({ which: 'main' })])).to.equal('plain main none ${unset} ${which} ${which}\nline 2 no\n')
    expect(resolveText(file, [])).to.equal('plain ${which} none ${unset} ${which} ${which}\nline 2 no\n')
  })
})
