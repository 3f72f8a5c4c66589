import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const folder = join(import.meta.dirname, '../../client')
const manifest: { readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>> } = JSON.parse(
  readFileSync(join(folder, 'package.json'), 'utf8'),
)

/** What each entry gives beside the main one. */
const entries: Readonly<Record<string, readonly string[]>> = {
  './actuator': ['actuator'],
  './express': ['actuator'],
  './json-schema': ['jsonSchema'],
  './koa': ['actuator'],
  './testing': ['fakeConfig', 'startFakeServer'],
}

describe('the entries of @carillon/client', () => {
  for (const [entry, names] of Object.entries(entries)) {
    it(`${entry} exports these names and no other`, async () => {
      const source = manifest.exports[entry]?.['@carillon/source'] ?? ''
      expect(Object.keys(await import(join(folder, source))).sort()).to.deep.equal(names)
    })
  }

  it('stand under the same name as source, as types and as code', () => {
    for (const [entry, { '@carillon/source': source, types, default: code }] of Object.entries(manifest.exports)) {
      const name = source?.replace(/^\.\/src\/(.*)\.ts$/, '$1')
      expect({ entry, types, code }).to.deep.equal({ entry, types: `./dist/${name}.d.ts`, code: `./dist/${name}.js` })
    }
  })
})
