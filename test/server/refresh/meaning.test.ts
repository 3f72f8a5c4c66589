import { expect } from 'chai'
import type { Documents } from '../../../server/src/refresh/documents.js'
import { meaningOf } from '../../../server/src/refresh/meaning.js'
import { parseFile } from '../../../server/src/resolution/parse/index.js'

const on = (profiles: string, rest: string): string => `spring.config.activate.on-profile: ${profiles}\n${rest}`

/** `null` is no file, `!` one that cannot be read. */
const rows: readonly (readonly [title: string, before: string | null, after: string | null, meaning: string])[] = [
  ['a comment', 'a: 1', '# x\na: 1', 'same'],
  ['a file of comments alone', null, '# x', 'same'],
  ['a value', 'a: 1', 'a: 2', 'changed'],
  ['a type', 'a: 1', 'a: 1.0', 'changed'],
  ['a file', null, 'a: 1', 'changed'],
  ['a file that cannot be read', 'a: 1', '!', 'changed'],
  ['one more document', 'a: 1', `a: 1\n---\n${on('dev', 'b: 1')}`, 'changed'],
  ['a value for a profile', on('dev', 'a: 1'), on('dev', 'a: 2'), 'dev, same keys'],
  ['a key for profiles', on('[dev, eu]', 'a: 1'), on('[dev, eu]', 'a: 1\nb: 1'), 'dev eu, changed keys'],
  ['a file for a profile', null, on('dev', 'a: 1'), 'dev, changed keys'],
  ['one more document for a profile', on('dev', 'a: 1'), `${on('dev', 'a: 1')}\n---\n${on('eu', 'a: 1')}`, 'dev eu, changed keys'],
  ['a value for a positive expression', on('dev & (eu | x)', 'a: 1'), on('dev & (eu | x)', 'a: 2'), 'dev eu x, same keys'],
  ['a value for a negative expression', on('"!dev"', 'a: 1'), on('"!dev"', 'a: 2'), 'changed'],
  ['a value for a malformed expression', on('a & b | c', 'a: 1'), on('a & b | c', 'a: 2'), 'changed'],
  ['a value for a placeholder', on('${x}', 'a: 1'), on('${x}', 'a: 2'), 'changed'],
  ['the profile', on('dev', 'a: 1'), on('eu', 'a: 1'), 'changed'],
  ['a group for a profile', on('dev', 'a: 1'), on('dev', 'a: 1\nspring.profiles.group.x: y'), 'changed'],
  ['a group in a new file', null, on('dev', 'spring.profiles.group.x: y'), 'changed'],
  ['an ordinary Spring property', on('dev', 'spring.datasource.url: a'), on('dev', 'spring.datasource.url: b'), 'dev, same keys'],
]

describe('meaningOf', () => {
  for (const [title, before, after, expected] of rows) {
    it(`calls a change of ${title}: ${expected}`, () => {
      const meaning = meaningOf(documents(before), documents(after))
      const spelled = meaning.kind === 'profiles' ? `${meaning.profiles.join(' ')}, ${meaning.keys} keys` : meaning.kind
      expect(spelled).to.equal(expected)
    })
  }
})

function documents(text: string | null): Documents {
  if (text === '!') return 'unreadable'
  return text === null ? [] : parseFile('x.yml', new TextEncoder().encode(text))
}
