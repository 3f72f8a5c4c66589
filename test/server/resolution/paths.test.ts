import { expect } from 'chai'
import fc from 'fast-check'
import { cleanPath } from '../../../server/src/resolution/paths.js'

describe('cleanPath', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['', ''],
    ['/', '/'],
    ['a', 'a'],
    ['a/b/', 'a/b'],
    ['/a//b', '/a/b'],
    ['./a/./b', 'a/b'],
    ['a/../b', 'b'],
    ['a/b/../../c', 'c'],
    ['a/..', ''],
    ['/a/..', '/'],
    ['..', undefined],
    ['a/../..', undefined],
    ['/..', undefined],
    ['a\\..\\..\\b', undefined],
    ['a\\b', 'a/b'],
    ['a\0b', undefined],
    ['...', '...'],
    ['a/..b', 'a/..b'],
  ]
  for (const [given, expected] of rows) {
    it(`makes ${JSON.stringify(given)} ${JSON.stringify(expected)}`, () => expect(cleanPath(given)).to.equal(expected))
  }

  it('never gives a path that leads up, and leaves a clean one alone', () => {
    const segment = fc.constantFrom('a', 'b', '.', '..', '', '...', '..a', '\\', '..\\..')
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
        const clean = cleanPath(segments.join('/'))
        if (clean === undefined) return
        expect(clean.split('/')).not.to.include('..')
        expect(cleanPath(clean)).to.equal(clean)
      }),
    )
  })
})
