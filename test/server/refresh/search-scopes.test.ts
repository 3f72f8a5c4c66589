import { expect } from 'chai'
import type { Concern } from '../../../server/src/refresh/concern.js'
import { searchScopes } from '../../../server/src/refresh/search-scopes.js'

const rows: readonly (readonly [pattern: string, folder: string, scopes: readonly string[]])[] = [
  ['{application}', '', ['*/*']],
  ['{application}', 'shop', ['shop/*']],
  ['{application}', 'org/shop', ['org/shop/*']],
  ['/{application}/./{profile}/', 'shop/dev', ['shop/dev']],
  ['{application}/{profile}', 'a/b/dev', ['a/b/dev']],
  ['{application}/{application}', 'a/a', ['a/*']],
  ['{application}/{application}', 'a/b', []],
  ['conf-{application}-x', 'conf-shop-x', ['shop/*']],
  ['{profile}', 'dev', ['*/dev']],
  ['{profile}', '-dev', []],
  ['{profile}', 'dev/eu', []],
  ['v-{label}', 'v-main', ['*/*']],
  ['v-{label}', 'v-2', []],
  ['q?', 'qa', []],
  ['conf-*', 'conf-a', ['*/*']],
  ['conf-*', 'conf-a/b', []],
  ['*/x', 'a/x', ['*/*']],
  ['a/**', 'a', []],
  ['a/**', 'a/b/c', ['*/*']],
  ['**/b', 'b', ['*/*']],
  ['**/b', 'a/c/b', ['*/*']],
  ['a/**/b', 'a/b', ['*/*']],
  ['**/{application}', 'a/b', ['a/b/*', 'b/*']],
  ['*{application}', 'ab', ['ab/*', 'b/*']],
  ['../x', 'x', []],
]

describe('searchScopes', () => {
  for (const [pattern, folder, expected] of rows) {
    it(`says of '${folder}' under ${pattern}: ${expected.join(', ') || 'nobody'}`, () => {
      expect(searchScopes([pattern], 'main')(folder).map(spelled).toSorted()).to.deep.equal(expected)
    })
  }
})

function spelled({ application, profiles }: Concern): string {
  return `${application}/${profiles === '*' ? profiles : profiles.join(',')}`
}
