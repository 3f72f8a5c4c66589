import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const folder = join(import.meta.dirname, '../../client')
const manifest: { readonly sideEffects: readonly string[]; readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>> } =
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** What each entry gives, beside `./register`, which does something instead. */
const entries: Readonly<Record<string, readonly string[]>> = {
  '.': ['ConfigError', 'load'],
  './actuator': ['actuator'],
  './amqp': ['amqp'],
  './express': ['actuator'],
  './json-schema': ['jsonSchema'],
  './kafka': ['kafka'],
  './koa': ['actuator'],
  './testing': ['fakeConfig', 'startFakeServer'],
}

describe('the entries of @carillon/client', () => {
  it('./register exports nothing, and works by being imported', () => {
    expect(readFileSync(join(folder, 'src/register.ts'), 'utf8')).to.not.match(/^export/m)
    expect(manifest.sideEffects).to.include('./dist/register.js')
  })

  for (const [entry, names] of Object.entries(entries)) {
    it(`${entry} exports these names and no other`, async () => {
      const source = manifest.exports[entry]?.['@carillon/source'] ?? ''
      expect(Object.keys(await import(join(folder, source))).sort()).to.deep.equal(names)
    })
  }

  it('are these and no other', () => {
    expect(Object.keys(manifest.exports).sort()).to.deep.equal([...Object.keys(entries), './register'].sort())
  })

  it('can be required by CommonJS as they are built', () => {
    const script = `console.log(JSON.stringify(Object.fromEntries(${JSON.stringify(Object.keys(entries))}.map((entry) => [entry, Object.keys(require('@carillon/client' + entry.slice(1))).sort()]))))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=commonjs', '--eval', script], { cwd: folder, encoding: 'utf8' })
    expect(stdout, stderr).to.not.equal('')
    expect(JSON.parse(stdout)).to.deep.equal(entries)
  })

  it('stand under the same name as source, as types and as code', () => {
    for (const [entry, { '@carillon/source': source, types, default: code }] of Object.entries(manifest.exports)) {
      const name = source?.replace(/^\.\/src\/(.*)\.ts$/, '$1')
      expect({ entry, types, code }).to.deep.equal({ entry, types: `./dist/${name}.d.ts`, code: `./dist/${name}.js` })
    }
  })
})
