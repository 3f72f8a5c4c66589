import { expect } from 'chai'
import { isSameRepository, repositoryAddress } from '../../../../server/src/refresh/webhooks/repositories.js'

describe('isSameRepository', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['https://github.com/acme/cfg.git', 'https://github.com/acme/cfg', true],
    ['https://github.com/acme/cfg.git', 'https://user@GitHub.com/Acme/cfg/', true],
    ['https://github.com/acme/cfg.git', 'git@github.com:acme/cfg.git', true],
    ['https://github.com/acme/cfg.git', 'ssh://git@github.com:22/acme/cfg.git', true],
    ['https://git.example:8443/acme/cfg', 'http://git.example/acme/cfg', true],
    ['https://bb.example/scm/acme/cfg.git', 'ssh://git@bb.example:7999/acme/cfg.git', true],
    ['https://github.com/acme/cfg', 'https://github.com/acme/cfg2', false],
    ['https://github.com/acme/cfg', 'https://gitlab.com/acme/cfg', false],
    ['file:///srv/cfg', 'https://github.com/srv/cfg', false],
    ['/srv/cfg', '/srv/cfg/', true],
  ]
  for (const [one, other, same] of rows) {
    it(`${one} and ${other}: ${same ? 'the same' : 'two'}`, () => {
      expect([isSameRepository(one, other), isSameRepository(other, one)]).to.deep.equal([same, same])
    })
  }
})

describe('repositoryAddress', () => {
  const rows: readonly (readonly [string | undefined, string | undefined])[] = [
    ['https://user:secret@git.example/a/b.git', 'https://git.example/a/b.git'],
    ['https://git.example/a/b', 'https://git.example/a/b'],
    ['git@git.example:a/b.git', 'git@git.example:a/b.git'],
    ['https://user:secret@[/a', undefined],
    ['', undefined],
    [undefined, undefined],
    ['https://git.example/a\nb', undefined],
    ['two words', undefined],
  ]
  for (const [given, expected] of rows) {
    it(`makes ${JSON.stringify(given)} ${JSON.stringify(expected)}`, () => expect(repositoryAddress(given)).to.equal(expected))
  }
})
