import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { clearServing, serve } from '../server/http/serving.js'
import { type Files, write } from '../server/trees/repositories.js'
import { runProgram } from '../tools/programs.js'

interface Manifest {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>
}

interface Tarball {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

const checkout = resolve(import.meta.dirname, '../..')
/** What somebody who installs the client gets of ours. */
const packages = ['environment', 'bus', 'client']
const manifestOf = (name: string) => JSON.parse(readFileSync(join(checkout, name, 'package.json'), 'utf8')) as Manifest
const entries = Object.keys(manifestOf('client').exports).map((path) => path.replace('.', '@carillon/client'))
/** This one acts when it is loaded: it is for `--import`. */
const REGISTER = '@carillon/client/register'
const loadable = entries.filter((entry) => entry !== REGISTER)
const tsc = join(checkout, 'node_modules/typescript/bin/tsc')

describe('the packed packages', function () {
  this.timeout(120_000)
  let folder: string
  let tarballs: readonly Tarball[]
  let uri: string

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carillon-packed-'))
    tarballs = packages.map((name) => {
      const printed = npm(checkout, 'pack', '--json', '--workspace', name, '--pack-destination', folder)
      return (JSON.parse(printed) as readonly Tarball[])[0]!
    })
    write(folder, projects())
    const files = tarballs.map(({ filename }) => `./${filename}`)
    npm(folder, 'install', '--prefer-offline', '--ignore-scripts', ...files, 'zod@^4', '@types/node@^20')
    const server = await serve({ files: { 'orders.yml': 'db: { url: "pg://db/orders", pool: "5" }\n' } })
    uri = server.url
  })
  after(async () => {
    await clearServing()
    rmSync(folder, { recursive: true, force: true })
  })

  const node = (...args: readonly string[]) =>
    runProgram({ command: process.execPath, args, cwd: folder, env: { CARILLON_URI: uri, CARILLON_NAME: 'orders' } })

  for (const [index, name] of packages.entries()) {
    it(`hold what was built of ${name}, and nothing else`, () => {
      const paths = tarballs[index]!.files.map(({ path }) => path)
      expect(paths.filter((path) => !/^(package\.json|LICENSE|README\.md|dist\/[\w/-]+(\.d\.ts|\.js))$/.test(path))).to.deep.equal([])
      const sources = readdirSync(join(checkout, name, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
      const built = sources.flatMap((path) => ['.js', '.d.ts'].map((suffix) => `dist/${path.replace(/\.ts$/, suffix)}`))
      const wanted = ['package.json', 'LICENSE', 'README.md', ...built]
      expect(wanted.filter((path) => !paths.includes(path))).to.deep.equal([])
    })

    it(`have what ${name} exports`, () => {
      const paths = new Set(tarballs[index]!.files.map(({ path }) => `./${path}`))
      const targets = Object.values(manifestOf(name).exports).flatMap(({ types, default: code }) => [types, code])
      expect(targets.filter((target) => target === undefined || !paths.has(target))).to.deep.equal([])
    })
  }

  it('bring no library of a broker along', () => {
    const brought = ['amqplib', 'kafkajs', 'ajv', 'koa'].filter((name) => existsSync(join(folder, 'node_modules', name)))
    expect(brought).to.deep.equal([])
  })

  it('load configuration in an ESM project', async () => {
    expect(await node('esm/main.js')).to.deep.equal({ code: 0, out: `5 ${uri}\n`, err: '' })
  })

  it('load configuration in a CommonJS project', async () => {
    expect(await node('commonjs/main.js')).to.deep.equal({ code: 0, out: `5 ${uri}\n`, err: '' })
  })

  it('fill the environment of a CommonJS application before it starts', async () => {
    expect(await node('--import', REGISTER, 'commonjs/variables.js')).to.include({ code: 0, out: '5\n' })
  })

  for (const kind of ['esm', 'commonjs'])
    it(`have entries that can be loaded without their optional packages, in an ${kind} project`, async () => {
      const { code, out, err } = await node(`${kind}/entries.js`)
      expect({ code, err }).to.deep.equal({ code: 0, err: '' })
      expect(JSON.parse(out)).to.deep.equal(loadable)
    })

  for (const [entry, library, url] of [
    ['amqp', 'amqplib', 'amqp://127.0.0.1:1'],
    ['kafka', 'kafkajs', 'kafka://127.0.0.1:1'],
  ] as const)
    it(`say which package is missing where ${entry}() is joined without ${library}`, async () => {
      const { code, out, err } = await node('esm/bus.js', entry, url)
      expect({ code, err }).to.deep.equal({ code: 0, err: '' })
      const [kind, ...message] = out.split('\n')
      expect(kind).to.equal('missing-package')
      expect(message.join('\n'))
        .to.include(library)
        .and.to.match(/npm install/)
    })

  const compilers = [
    { name: 'nodenext, ESM and CommonJS', files: ['esm/types.ts', 'commonjs/types.ts'], options: ['--module', 'nodenext'] },
    { name: 'bundler', files: ['esm/types.ts'], options: ['--module', 'esnext', '--moduleResolution', 'bundler'] },
  ]
  for (const { name, files, options } of compilers)
    it(`have types in each entry for TypeScript (${name}), the declarations checked too`, async () => {
      const flags = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false']
      expect(await node(tsc, ...flags, ...options, ...files)).to.deep.equal({ code: 0, out: '', err: '' })
    })
})

function npm(cwd: string, ...args: readonly string[]): string {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  return execFileSync('npm', [...args, ...quiet], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Projects of users, as small as they can be. */
function projects(): Files {
  const schema = 'const schema = z.object({ db: z.object({ url: z.string(), pool: z.coerce.number() }) })'
  const body = [
    schema,
    `load({ name: 'orders', schema, refresh: false }).then(async (config) => {`,
    '  console.log(config.get("db.pool"), process.env.CARILLON_URI)',
    '  await config.close()',
    '})',
  ]
  const types = [
    `import { z } from 'zod'`,
    ...entries.map((entry, index) => `import * as entry${index} from '${entry}'`),
    schema,
    'export async function main(): Promise<number> {',
    `  const config = await entry0.load({ name: 'orders', schema })`,
    '  // @ts-expect-error: a typo does not compile',
    `  config.get('db.pol')`,
    '  // @ts-expect-error: a text is no number',
    '  const wrong: string = config.values.db.pool',
    `  return config.get('db.pool') + wrong.length`,
    '}',
    // An entry without types would be `any`, which takes part in everything.
    'type IsAny<T> = 0 extends 1 & T ? true : false',
    ...entries.map((_, index) => `export const typed${index}: IsAny<typeof entry${index}> = false`),
  ]
  const bus = [
    `import { load } from '@carillon/client'`,
    'const [, , entry, url] = process.argv',
    'const { [entry]: link } = await import(`@carillon/client/${entry}`)',
    `await load({ name: 'orders', refresh: { bus: link({ url }) } }).then(`,
    `  () => console.log('no error'),`,
    '  (error) => console.log(`${error.code}\\n${error.message}`),',
    ')',
  ]
  return {
    'package.json': '{ "private": true }',
    'esm/package.json': '{ "private": true, "type": "module" }',
    'esm/main.js': [`import { load } from '@carillon/client'`, `import { z } from 'zod'`, ...body].join('\n'),
    'esm/entries.js': [...loadable.map((entry) => `await import('${entry}')`), `console.log('${JSON.stringify(loadable)}')`].join('\n'),
    'esm/bus.js': bus.join('\n'),
    'esm/types.ts': types.join('\n'),
    'commonjs/package.json': '{ "private": true }',
    'commonjs/main.js': [`const { load } = require('@carillon/client')`, `const { z } = require('zod')`, ...body].join('\n'),
    'commonjs/entries.js': [...loadable.map((entry) => `require('${entry}')`), `console.log('${JSON.stringify(loadable)}')`].join('\n'),
    'commonjs/variables.js': 'console.log(process.env.DB_POOL)',
    'commonjs/types.ts': types.join('\n'),
  }
}
