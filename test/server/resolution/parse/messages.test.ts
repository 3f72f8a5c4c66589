import { expect } from 'chai'
import { canary } from '../../../../scripts/canary.mjs'
import { parseFile } from '../../../../server/src/resolution/parse/index.js'

const SECRET = canary('parsed')

describe('the messages of parseFile', () => {
  const mistakes: readonly (readonly [name: string, text: string, message: string])[] = [
    ['a bracket that stays open', 'a: 1\nb: [30\n', "x.yml:3:1: expected ',' or ']' for the '[' of line 2, got the end of the file"],
    ['a key behind an open brace', 'a: {b: 1\nc: 2\n', "x.yml:2:2: expected ',' or '}' for the '{' of line 1, got ':'"],
    ['a document behind an open bracket', 'a: [1\n---\n', "x.yml:2:1: expected ',' or ']' for the '[' of line 1, got a new document (---)"],
    ['a list that ends with a comma', 'a: [1,\n\n', "x.yml:3:1: expected a value or ']' for the '[' of line 1, got the end of the file"],
    ['nothing but a bracket', 'a:\n  [\n', "x.yml:3:1: expected a value or ']' for the '[' of line 2, got the end of the file"],
    ['a map that ends with a comma', 'a: {b: 1,\n', "x.yml:2:1: expected a key or '}' for the '{' of line 1, got the end of the file"],
    ['a bracket too many', 'a: ]\n', "x.yml:1:4: expected a value, got ']'"],
    [
      'a key below a value',
      'a: 1\n  b: 2\n',
      "x.yml:2:4: expected another key in column 1, got a ':' behind text that began on a line before",
    ],
    ['a key between two columns', 'a:\n    b: 1\n  c: 2\n', 'x.yml:3:3: expected another key in column 1, got a key in column 3'],
    ['a list among keys', 'a: 1\n- b\n', 'x.yml:2:1: expected another key in column 1, got a list entry (-) in column 1'],
    [
      'a list entry between two columns',
      'a:\n   - b\n  - c\n',
      'x.yml:3:3: expected another key in column 1, got a list entry (-) in column 3',
    ],
    ['a key in a list', 'a:\n  - b\n  c: 1\n', 'x.yml:3:3: expected another list entry (-) in column 3, got a key in column 3'],
    ['text behind quotes', "a: 'it's'\n", 'x.yml:1:8: expected another key in column 1, got more text'],
    ['a colon without a space', 'a: 1\nb:2\n', "x.yml:2:1: expected a ':' and a space behind a key"],
    ['a second document without ---', 'a: 1\n...\nb: 1\n', 'x.yml:3:1: expected a new document (---), got a key in column 1'],
    [
      'two keys on a line',
      'a: b: c\n',
      "x.yml:1:5: expected a key and its value on a line of their own, or quotes around a text with a ':' and a space in it",
    ],
    ['a placeholder of Maven', 'a: @b@\n', "x.yml:1:4: expected a key or a value, got '@', which only quotes make part of a text"],
    [
      'a path of Windows',
      'a: "C:\\dir"\n',
      'x.yml:1:7: expected an escape that YAML knows, such as \\n, \\x41 or \\u0041 (a backslash itself is \\\\)',
    ],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 'x.yml:3:1: expected each key of a map once, got that of line 1 again'],
    ['what is no integer', 'a: !!int b\n', 'x.yml:1:4: expected a value that its tag !!int allows'],
    ['what is no number', 'a: ._\n', 'x.yml:1:4: expected the digits of a number, or quotes around a text that looks like one'],
  ]
  for (const [name, text, message] of mistakes) {
    it(`tell who wrote ${name} what was expected`, () => expect(messageFor(text)).to.equal(message))
  }

  it('never hold what may be a password without quotes', () => {
    const beginnings = ['*', '&', '!', '@', '`', '%', '|', '>', '[', '{', ']', '"', "'", ', ', '- ', '? ', 'a: ', '"" ']
    for (const beginning of beginnings) expect(messageFor(`password: ${beginning}${SECRET}\nb: 1\n`), beginning).not.to.contain(SECRET)
  })
})

/** Empty where the text can be read. */
function messageFor(text: string): string {
  try {
    parseFile('x.yml', Buffer.from(text))
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
