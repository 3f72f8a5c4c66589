import { expect } from 'chai'
import type { Answer } from './ask.js'
import { compare } from './compare.js'

const answer = (status: number, body = '', type = 'application/json'): Answer => ({ status, type, body: Buffer.from(body) })
const text = (body: string): Answer => answer(200, body, 'text/plain')

const rows: [string, Answer, Answer, string][] = [
  ['JSON with other order of keys', answer(200, '{"a":1,"b":[1,2]}'), answer(200, '{"b": [1, 2], "a": 1}'), 'equal'],
  ['lists in another order', answer(200, '[1,2]'), answer(200, '[2,1]'), 'different'],
  ['an integer for a double', answer(200, '{"a":1.0}'), answer(200, '{"a":1}'), 'different'],
  ['doubles written in two ways', answer(200, '{"a":1.0E10}'), answer(200, '{"a":10000000000.0}'), 'equal'],
  ['big integers that differ in the last digit', answer(200, '[12345678901234567890]'), answer(200, '[12345678901234567891]'), 'different'],
  ['minus zero', answer(200, '[-0.0]'), answer(200, '[0.0]'), 'different'],
  ['digits in a text', answer(200, '["1.0"]'), answer(200, '["1"]'), 'different'],
  ['text that differs by a space', text('a: 1'), text('a:  1'), 'different'],
  ['another media type', text('{}'), answer(200, '{}'), 'different'],
  ['two errors with one status', answer(404, 'x'), answer(404, 'y'), 'equal'],
  ['another status', answer(404), answer(400), 'different'],
  ['a proper answer where Spring fails', answer(500), answer(400), 'equal'],
  ['a failure where Spring answers', answer(200, '{}'), answer(500), 'different'],
  ['a failure of another kind', answer(500), answer(503), 'different'],
  ['no answer from either', answer(0), answer(0), 'different'],
  ['a changed line beside a Java address', text('a: [B@1f\nb: 1'), text('a: aGk=\nb: 2'), 'different'],
  ['JSON that Spring breaks', answer(200, '{"a":"""}'), answer(200, '{"a":"\\""}'), 'explained'],
]

const yaml: [string, string, string, string][] = [
  ['YAML that an inserted line break made unreadable', 'a: one\ntwo\nb: 1\n', 'a: |-\n  one\n  two\nb: 1\n', 'explained'],
  ['YAML with another value', 'a: 1\n', 'a: 2\n', 'different'],
]

describe('compare', () => {
  for (const [what, spring, carillon, kind] of rows) {
    it(`finds ${what} ${kind}`, () => {
      expect(
        compare({ request: { path: '/main/a-dev.json', accept: '*/*' }, spring, carillon, variant: 'git', blankSeparators: false }).kind,
      ).to.equal(kind)
    })
  }
  for (const [what, spring, carillon, kind] of yaml) {
    it(`finds ${what} ${kind}`, () => {
      const request = { path: '/main/a-dev.yml', accept: '*/*' }
      expect(compare({ request, spring: text(spring), carillon: text(carillon), variant: 'git', blankSeparators: false }).kind).to.equal(
        kind,
      )
    })
  }
})
