import { expect } from 'chai'
import { fillPlaceholders } from '../../../server/src/settings/placeholders.js'

describe('fillPlaceholders', () => {
  const values = new Map([
    ['a', '1'],
    ['b', '${a}'],
    ['k:d', 'whole'],
    ['loop', '${loop:x}'],
    ['empty', ''],
  ])
  const cases: readonly (readonly [string, string, (readonly string[])?, (readonly string[])?])[] = [
    ['plain', 'plain'],
    ['${a}${b}', '11'],
    ['${k:d}', 'whole'],
    ['${x:y:z}', 'y:z'],
    ['${x:}', ''],
    ['${empty}', ''],
    ['${x:{y}}', '{y}'],
    ['${x:${a}}', '1'],
    ['\\${a} ${a}', '${a} 1'],
    ['${open', '${open'],
    ['${x} ${a}', '${x} 1', ['x']],
    ['${loop}', '${loop:x}', [], ['loop']],
  ]
  for (const [text, wanted, missing = [], circular = []] of cases) {
    it(text, () => expect(fillPlaceholders(text, (key) => values.get(key))).to.deep.equal({ text: wanted, missing, circular }))
  }
})
