import { expect } from 'chai'
import { maskSecrets, soundsSecret } from '../../../server/src/settings/mask.js'
import { kebab, stepsOfKey, stepsOfVariable, uniformKey, variableForms } from '../../../server/src/settings/names.js'
import { fillPlaceholders } from '../../../server/src/settings/placeholders.js'

describe('stepsOfKey', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a.b-c', ['a', 'b-c']],
    ['a[0].b[12]', ['a', '0', 'b', '12']],
    ['a[b.c/d].e', ['a', 'b.c/d', 'e']],
    ['[a.b]', ['a.b']],
    ['a..b.', ['a', 'b']],
    ['', []],
  ]
  for (const [key, steps] of cases) it(JSON.stringify(key), () => expect(stepsOfKey(key)).to.deep.equal(steps))
})

describe('stepsOfVariable', () => {
  it('cuts at underscores and knows no case', () => expect(stepsOfVariable('A_B__C_0')).to.deep.equal(['a', 'b', 'c', '0']))
})

describe('uniformKey', () => {
  for (const key of ['git.searchPaths', 'git.search-paths', 'GIT.search_paths', 'git[search-Paths]']) {
    it(key, () => expect(uniformKey(key)).to.equal('git.searchpaths'))
  }
})

describe('variableForms', () => {
  it('lets dashes fall away, or makes them underscores', () => expect(variableForms('a.b-c')).to.deep.equal(['a_bc', 'a_b_c']))
})

describe('kebab', () => {
  for (const key of ['searchPaths', 'search_paths', 'search-paths']) it(key, () => expect(kebab(key)).to.equal('search-paths'))
})

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
