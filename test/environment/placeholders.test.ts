import { expect } from 'chai'
import fc from 'fast-check'
import { EnvironmentError } from '../../environment/src/errors.js'
import { placeholderResolver, resolvePlaceholders } from '../../environment/src/placeholders.js'

const KEYS = new Map([
  ['a', 'A'],
  ['b', '${a}'],
  ['n', 'a'],
  ['a:b', 'colon'],
  ['empty', ''],
  ['l[0]', 'first'],
  ['esc', '\\${a}'],
  ['lost', '${HOME}'],
  ['open', 'x ${a'],
  ['m.a', 'nested'],
])

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return error instanceof EnvironmentError ? error.code : String(error)
  }
  return 'no error'
}

describe('resolvePlaceholders', () => {
  const table: [string, string][] = [
    ['plain', 'plain'],
    ['${a}', 'A'],
    ['x${a}y${a}z', 'xAyAz'],
    ['${b}', 'A'],
    ['${nosuch}', '${nosuch}'],
    ['${lost}', '${HOME}'],
    ['${nosuch:}', ''],
    ['${nosuch:x}', 'x'],
    ['${nosuch:x:y}', 'x:y'],
    ['${nosuch:http://h:80/x}', 'http://h:80/x'],
    ['${nosuch:{x}}', '{x}'],
    ['${nosuch:${a}}', 'A'],
    ['${nosuch:${nosuch2:${a}}}', 'A'],
    ['${nosuch:pre-${a}-post}', 'pre-A-post'],
    ['${a:b}', 'colon'],
    ['${a:c}', 'A'],
    ['${a\\:b}', 'colon'],
    ['${${n}}', 'A'],
    ['${m.${n}}', 'nested'],
    ['${m.${n}:x}', 'nested'],
    ['${q.${n}}', '${q.a}'],
    ['${empty}', ''],
    ['${empty:x}', ''],
    ['${l[0]}', 'first'],
    ['${}', '${}'],
    ['${:x}', 'x'],
    ['${a', '${a'],
    ['${a ${b}', '${a A'],
    ['${open} }', 'x ${a }'],
    ['$ {a} $a {a}', '$ {a} $a {a}'],
    ['#{1+1}', '#{1+1}'],
    ['\\${a}', '${a}'],
    ['\\${${n}}', '${a}'],
    ['${esc}', '${a}'],
    ['}${a}{', '}A{'],
  ]
  for (const [text, resolved] of table)
    it(`makes ${text} into ${resolved}`, () => expect(resolvePlaceholders(text, (key) => KEYS.get(key))).to.equal(resolved))

  it('names the circle of a key that reaches itself', () => {
    const keys = new Map([
      ['a', '${b}'],
      ['b', 'x${c:y}'],
      ['c', '${b}'],
    ])
    expect(() => resolvePlaceholders('${a}', (key) => keys.get(key))).to.throw(EnvironmentError, "'b' -> 'c' -> 'b'")
  })

  it('finds a circle that goes through a default', () => {
    expect(codeOf(() => resolvePlaceholders('${a:x}', () => '${a:x}'))).to.equal('circular-placeholder')
  })

  it('ends a chain of doublings in an error, also one of empty values at once', () => {
    const chain = (last: string) => (key: string) => (key === 'k60' ? last : `\${k${Number(key.slice(1)) + 1}}`.repeat(2))
    expect(codeOf(() => resolvePlaceholders('${k0}', chain('x')))).to.equal('too-large')
    expect(resolvePlaceholders('${k0}', chain(''))).to.equal('')
  })

  it('ends hostile nesting in an error or in plain text', () => {
    const n = 100_000
    expect(resolvePlaceholders('${'.repeat(n), () => 'x')).to.equal('${'.repeat(n))
    expect(codeOf(() => resolvePlaceholders('${'.repeat(n) + '}'.repeat(n), () => undefined))).to.equal('too-large')
    expect(codeOf(() => resolvePlaceholders('${k0}', (key) => `\${k${Number(key.slice(1)) + 1}}`))).to.equal('too-large')
  })

  it('throws nothing but EnvironmentError', () => {
    const piece = fc.constantFrom('${', '}', '{', ':', '\\', 'a', 'b', '${a}', '${b:', '$')
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text, fc.dictionary(fc.constantFrom('a', 'b', 'ab', ''), text), (template, keys) => {
        const known = new Map(Object.entries(keys))
        expect(codeOf(() => resolvePlaceholders(template, (key) => known.get(key)))).to.be.oneOf([
          'no error',
          'circular-placeholder',
          'too-large',
        ])
      }),
    )
  })

  it('leaves a text without placeholders alone', () => {
    fc.assert(fc.property(fc.string(), (text) => text.includes('${') || resolvePlaceholders(text, () => 'x') === text))
  })
})

describe('placeholderResolver', () => {
  it('looks a key up once for all texts, and goes on after an error', () => {
    const asked: string[] = []
    const resolve = placeholderResolver((key) => {
      asked.push(key)
      return key === 'loop' ? '${loop}' : 'x'
    })
    expect(resolve('${a}')).to.equal('x')
    expect(codeOf(() => resolve('${loop}'))).to.equal('circular-placeholder')
    expect(resolve('${a}${a}')).to.equal('xx')
    expect(asked).to.deep.equal(['a', 'loop'])
  })
})
