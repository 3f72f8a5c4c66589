import { expect } from 'chai'
import { importLocations, type Reference, referencesOf } from '../../../server/src/resolution/references.js'

const importing = (path: string): Reference => ({ location: '', path, extension: 'yml' })

describe('importLocations', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    // import, importing file, paths
    ['x.yml', 'app.yml', 'x.yml'],
    ['x.yml', 'sub/app.yml', 'sub/x.yml'],
    ['./x.yml', 'sub/app.yml', 'sub/./x.yml'],
    ['../x.yml', 'sub/app.yml', 'sub/../x.yml'],
    ['/x.yml', 'sub/app.yml', '/x.yml'],
    ['optional:x.yml', 'app.yml', 'x.yml'],
    ['file:/etc/x.yml', 'app.yml', '/etc/x.yml'],
    ['optional:file:/etc/x.yml', 'app.yml', '/etc/x.yml'],
    ['file:x.yml', 'app.yml', ''],
    ['a.yml;b.yml', 'app.yml', 'a.yml b.yml'],
    ['a.yml; b.yml;', 'app.yml', 'a.yml b.yml'],
    ['sub/', 'app.yml', 'sub/'],
    ['classpath:x.yml', 'app.yml', ''],
    ['classpath*:x.yml', 'app.yml', ''],
    ['http://host/x.yml', 'app.yml', ''],
    ['configserver:', 'app.yml', ''],
    ['configtree:/etc/', 'app.yml', ''],
    ['', 'sub/app.yml', ''],
    ['optional:', 'sub/app.yml', ''],
  ]
  for (const [text, from, expected] of rows) {
    it(`reads '${text}' in ${from} as [${expected}]`, () => {
      expect(
        importLocations(text, importing(from))
          .map(({ path }) => path)
          .join(' '),
      ).to.equal(expected)
    })
  }

  it('keeps the text of each part, optional: included', () => {
    expect(importLocations('a.yml;optional:b.yml', importing('x.yml')).map(({ text }) => text)).to.deep.equal(['a.yml', 'optional:b.yml'])
  })
})

describe('referencesOf', () => {
  const folders = async (folder: string): Promise<readonly string[]> => (folder === 'conf' ? ['b', 'a', '..data'] : [])
  const rows: readonly (readonly [string, string | undefined, string])[] = [
    // path, profile, paths, weakest first
    ['', undefined, 'application.yaml application.yml application.xml application.properties shop.yaml shop.yml shop.xml shop.properties'],
    [
      'sub/',
      'dev',
      ['yaml', 'yml', 'xml', 'properties']
        .map((ending) => `sub/application-dev.${ending}`)
        .join(' ')
        .concat(' ', ['yaml', 'yml', 'xml', 'properties'].map((ending) => `sub/shop-dev.${ending}`).join(' ')),
    ],
    ['x.yml', undefined, 'x.yml'],
    ['x.yml', 'dev', 'x-dev.yml'],
    ['sub/../x.yml', 'dev', 'x-dev.yml'],
    ['x.YML', undefined, 'x.yml'],
    ['x.tar.properties', 'p', 'x.tar-p.properties'],
    ['x[.yml]', undefined, 'x'],
    ['x[.yml]', 'dev', 'x-dev'],
    ['../x.yml', undefined, ''],
    ['../', undefined, ''],
    ['a/../../x.yml', undefined, ''],
  ]
  for (const [path, profile, expected] of rows) {
    it(`gives for '${path}' ${profile ?? ''} [${expected.slice(0, 40)}]`, async () => {
      const options = { names: ['application', 'shop'], folders, ...(profile === undefined ? {} : { profile }) }
      const found = await referencesOf({ text: path, path }, options)
      expect(found.map((reference) => reference.path).join(' ')).to.equal(expected)
    })
  }

  it('takes a last asterisk for each visible folder, sorted', async () => {
    const found = await referencesOf({ text: 'conf/*/', path: 'conf/*/' }, { names: ['application'], folders })
    expect(found.filter(({ extension }) => extension === 'yml').map(({ path }) => path)).to.deep.equal([
      'conf/a/application.yml',
      'conf/b/application.yml',
    ])
  })

  for (const path of ['x.txt', 'x.json', 'x', 'folder']) {
    it(`refuses ${path}, unless it is optional`, async () => {
      const options = { names: ['application'], folders }
      const refused = await referencesOf({ text: path, path }, options).catch((error: { code: string }) => error.code)
      expect(refused).to.equal('illegal-property')
      expect(await referencesOf({ text: `optional:${path}`, path }, options)).to.deep.equal([])
    })
  }
})
