import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

const scripts = join(import.meta.dirname, '../../scripts')
const packages = ['environment', 'bus', 'client', 'server', 'cli']

// A compiler and an npm that only say that they were called; both stand where setup.mjs looks for the real ones.
const compiler = `
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
appendFileSync('calls', 'tsc ' + process.argv.slice(2).join(' ') + '\\n')
for (const name of ${JSON.stringify(packages)}) {
  mkdirSync(name + '/dist', { recursive: true })
  writeFileSync(name + '/dist/index.js', '')
}
process.exit(readFileSync('cli/src/main.ts', 'utf8').includes('wrong') ? 2 : 0)
`
const npm = `
import { appendFileSync, writeFileSync } from 'node:fs'
appendFileSync('calls', 'npm ' + process.argv.slice(2).join(' ') + '\\n')
writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: {} }))
`

describe('scripts/setup.mjs', () => {
  let checkout: string

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'carillon-setup-'))
    cpSync(join(scripts, 'setup.mjs'), join(checkout, 'scripts/setup.mjs'))
    write('package.json', '{"type":"module"}')
    write('tsconfig.base.json', '{}')
    write('node_modules/typescript/package.json', '{"type":"module"}')
    write('node_modules/typescript/bin/tsc', compiler)
    write('npm.js', npm)
    for (const name of packages) {
      for (const file of ['package.json', 'tsconfig.json', 'src/index.ts']) write(`${name}/${file}`, '{}')
    }
    write('cli/src/main.ts', '')
    writeLocks({ wanted: '1.0.0', installed: '1.0.0' })
  })

  afterEach(() => rmSync(checkout, { recursive: true, force: true }))

  it('installs nothing where what npm left behind is what the lock file says', () => {
    expect(callsOf('ensureInstalled')).to.deep.equal([])
    expect(existsSync(join(checkout, 'node_modules/.carillon-installed'))).to.equal(true)
  })

  it('installs once when the lock file names another version', () => {
    writeLocks({ wanted: '1.1.0', installed: '1.0.0' })
    expect(callsOf('ensureInstalled')).to.deep.equal(['npm ci'])
    expect(callsOf('ensureInstalled')).to.deep.equal([])
  })

  it('builds what was never built, by force, because notes of the compiler may be left', () => {
    expect(callsOf('ensureBuilt')).to.deep.equal(['tsc -b cli --force'])
  })

  it('builds nothing, and says nothing, the second time', () => {
    callsOf('ensureBuilt')
    expect({ calls: callsOf('ensureBuilt'), said: run('ensureBuilt').stderr }).to.deep.equal({ calls: [], said: '' })
  })

  for (const file of ['server/src/index.ts', 'server/src/new/file.ts', 'tsconfig.base.json', 'bus/tsconfig.json', 'package-lock.json']) {
    it(`builds again when ${file} has changed`, () => {
      callsOf('ensureBuilt')
      write(file, '{ "packages": {} }  ')
      expect(callsOf('ensureBuilt')).to.deep.equal(['tsc -b cli'])
    })
  }

  it('builds again after a build that failed', () => {
    write('cli/src/main.ts', 'wrong')
    expect(run('prepare')).to.include({ status: 1, stderr: 'Building …\nThe build failed; the messages of the compiler are above.\n' })
    expect(callsOf('ensureBuilt')).to.deep.equal(['tsc -b cli'])
  })

  it('takes over the lock of a process that has died', () => {
    write('.cache/build.lock', String(spawnSync(process.execPath, ['-e', '']).pid))
    expect(callsOf('ensureBuilt')).to.have.length(1)
    expect(existsSync(join(checkout, '.cache/build.lock'))).to.equal(false)
  })

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(checkout, path)), { recursive: true })
    writeFileSync(join(checkout, path), text)
  }

  function writeLocks({ wanted, installed }: { readonly wanted: string; readonly installed: string }): void {
    write(
      'package-lock.json',
      JSON.stringify({ packages: { 'node_modules/koa': { version: wanted }, 'node_modules/odd': { optional: true } } }),
    )
    write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/koa': { version: installed } } }))
  }

  function run(name: string): { readonly status: number | null; readonly stderr: string } {
    const code = `import { ${name} } from './scripts/setup.mjs'; ${name}()`
    const env = { ...process.env, npm_execpath: join(checkout, 'npm.js') }
    return spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: checkout, env, encoding: 'utf8' })
  }

  /** The programs that a function of setup.mjs called this time. */
  function callsOf(name: string): readonly string[] {
    rmSync(join(checkout, 'calls'), { force: true })
    run(name)
    return existsSync(join(checkout, 'calls')) ? readFileSync(join(checkout, 'calls'), 'utf8').trim().split('\n') : []
  }
})
