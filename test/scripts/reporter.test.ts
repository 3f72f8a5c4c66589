import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'

const root = join(import.meta.dirname, '../..')

const suite = `
describe('a suite', () => {
  it('passes', () => {})
  it('fails', () => { throw new Error('no') })
  it.skip('is skipped', () => {})
  after(() => process.on('exit', () => console.log('late words')))
})
`

describe('scripts/reporter.mjs', () => {
  let folder: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'carillon-reporter-'))
    writeFileSync(join(folder, 'some.test.mjs'), suite)
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  const rows = [
    { CI: '', args: [], last: '1 passed, 1 failed, 1 skipped' },
    { CI: 'true', args: ['--forbid-pending'], last: '1 passed, 2 failed, 0 skipped' },
  ]
  for (const { CI, args, last } of rows) {
    it(`ends with "${last}" where CI is "${CI}"`, () => {
      const mocha = [join(root, 'node_modules/mocha/bin/mocha.js'), '--no-config', '--reporter', join(root, 'scripts/reporter.mjs')]
      const env = { ...process.env, CI, NODE_OPTIONS: '' }
      const { status, stdout } = spawnSync(process.execPath, [...mocha, ...args, 'some.test.mjs'], { cwd: folder, env, encoding: 'utf8' })
      expect(stdout.trimEnd().split('\n').at(-1)).to.equal(last)
      expect(status).to.not.equal(0)
    })
  }

  for (const { how, title = "'leaks'", print = '', said } of [
    { how: 'as it is', print: "console.log('the log says ' + canary('x'))", said: 'plain' },
    {
      how: 'in two parts',
      print: "process.stderr.write(canary('').slice(0, 5)); process.stderr.write(canary('').slice(5))",
      said: 'plain',
    },
    { how: 'in base64', print: "console.error(Buffer.from('user:' + canary('x')).toString('base64'))", said: 'base64' },
    { how: 'in the title of a test, which this report does not show', title: "'of ' + canary('x')", said: 'plain, in a title' },
  ]) {
    it(`fails a run that prints a secret ${how}`, () => {
      const canaries = JSON.stringify(pathToFileURL(join(root, 'scripts/canary.mjs')).href)
      writeFileSync(
        join(folder, 'leak.test.mjs'),
        `import { canary } from ${canaries}\ndescribe('a suite', () => it(${title}, () => { ${print} }))\n`,
      )
      const mocha = [join(root, 'node_modules/mocha/bin/mocha.js'), '--no-config', '--reporter', join(root, 'scripts/reporter.mjs')]
      const env = { ...process.env, CI: 'true', NODE_OPTIONS: '' }
      const { status, stdout, stderr } = spawnSync(process.execPath, [...mocha, 'leak.test.mjs'], { cwd: folder, env, encoding: 'utf8' })
      expect([status, stdout.trimEnd().split('\n').at(-1)]).to.deep.equal([1, '1 passed, 1 failed, 0 skipped'])
      expect(stderr).to.match(new RegExp(`secret of the tests .* stands in this output: ${said}\n$`))
    })
  }
})
