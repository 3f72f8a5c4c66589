import { expect } from 'chai'
import { maskSecrets, soundsSecret } from '../../../server/src/settings/mask.js'
import { fillPlaceholders } from '../../../server/src/settings/placeholders.js'

describe('maskSecrets', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['https://user:pass@host/x', 'https://******@host/x'],
    ['https://token@host/x', 'https://******@host/x'],
    ['https://user:p@ss/word@host/x', 'https://******@host/x'],
    ['https://host/x?token=t', 'https://host/x?******'],
    ['file:///a/b', 'file:///a/b'],
    ['git@host:a/b', 'git@host:a/b'],
    ['"https://a:b@h", "https://c:d@i"', '"https://******@h", "https://******@i"'],
  ]
  for (const [text, wanted] of cases) it(text, () => expect(maskSecrets(text)).to.equal(wanted))
})

describe('soundsSecret', () => {
  for (const key of ['db.password', 'apiKey', 'x.api-key', 'key', 'my.token', 'client-secret', 'PASSPHRASE'])
    it(key, () => expect(soundsSecret(key)).to.equal(true))
  for (const key of ['colour', 'keyboard', 'monkeys.count']) it(`not ${key}`, () => expect(soundsSecret(key)).to.equal(false))
})

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
