import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

const launcher = join(import.meta.dirname, '../../cli/bin/carillon.js')
const oldNode = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } })`

describe('cli/bin/carillon.js', () => {
  let folder: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'carillon-launcher-'))
    // As it is installed: bin and dist, no sources, no scripts.
    for (const name of ['bin', 'dist']) mkdirSync(join(folder, 'cli', name), { recursive: true })
    cpSync(launcher, join(folder, 'cli/bin/carillon.js'))
    writeFileSync(join(folder, 'cli/package.json'), '{"type":"module"}')
    writeFileSync(join(folder, 'cli/dist/main.js'), `export const main = async (args) => console.log('main got ' + args.join(' '))`)
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  const run = (options: readonly string[], args: readonly string[]) =>
    spawnSync(process.execPath, [...options, join(folder, 'cli/bin/carillon.js'), ...args], { encoding: 'utf8' })

  it('hands its arguments to main of an installed package', () => {
    expect(run([], ['serve', '--port', '0'])).to.include({ status: 0, stdout: 'main got serve --port 0\n', stderr: '' })
  })

  it('says which Node.js it needs, and which it got', () => {
    expect(run(['--import', oldNode], ['serve'])).to.include({
      status: 1,
      stdout: '',
      stderr: 'carillon needs Node.js 20.19 or newer, and this is 20.18.3: see https://nodejs.org/\n',
    })
  })
})
