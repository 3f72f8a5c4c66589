import { expect } from 'chai'
import fc from 'fast-check'
import { namesOf } from '../../../../server/src/refresh/monitor/names.js'

describe('namesOf', () => {
  // The table of spring-compat 6.2, and what Spring's cleaning of paths does at the edges.
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['foo.yml', ['foo']],
    ['sub/foo.yml', ['foo']],
    ['foo-local-dev.yml', ['foo-local-dev', 'foo-local', 'foo']],
    ['application.yml', ['*']],
    ['shop/application.yml', ['*']],
    ['application-dev.yml', ['application-dev', '*']],
    ['README', ['README']],
    ['my.app.yml', ['my.app']],
    ['orders.tar.gz', ['orders.tar']],
    ['a--b.yml', ['a--b', 'a-', 'a']],
    ['**.yml', ['**']],
    ['.gitignore', ['']],
    ['-x.yml', ['-x', '']],
    ['', ['']],
    ['folder/', ['']],
    ['a\\b\\c.yml', ['c']],
    ['x/../y.yml', ['y']],
    ['y.yml/z/..', ['y']],
    ['y.yml/./.', ['y']],
    ['../..', ['.']],
    ['constructor.yml', ['constructor']],
    ['__proto__.yml', ['__proto__']],
  ]
  for (const [path, names] of rows) {
    it(`${JSON.stringify(path)}: ${names.join(' ')}`, () => expect(namesOf([path])).to.deep.equal(names))
  }

  it('names each once, in order of discovery', () => {
    expect(namesOf(['b-c.yml', 'application.yml', 'b.yml', '*', 'b-a.yml', 'application-x.yml'])).to.deep.equal([
      'b-c',
      'b',
      '*',
      'b-a',
      'application-x',
    ])
  })

  it('leaves out names that no disk holds', () => {
    expect(namesOf([`${'x'.repeat(255)}.yml`, `${'-'.repeat(1_000_000)}.yml`])).to.deep.equal(['x'.repeat(255)])
  })

  it('means everybody where there are too many', () => {
    const paths = Array.from({ length: 10_001 }, (_, index) => `x${index}.yml`)
    expect(namesOf(paths)).to.deep.equal(['*'])
    expect(namesOf(paths.slice(1))).to.have.length(10_000)
  })

  it('gives every name at once, whatever the paths are', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[a./\\*-]{0,12}$/))), (paths) => {
        const names = namesOf(paths)
        expect(new Set(names).size).to.equal(names.length)
        expect(names.length > 0).to.equal(paths.length > 0)
      }),
    )
  })
})
