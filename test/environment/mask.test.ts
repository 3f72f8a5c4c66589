import { maskSecrets, soundsSecret } from '@carillon/environment'
import { expect } from 'chai'

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
