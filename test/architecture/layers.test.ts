import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '../..')

/** For each place in the house: what it may import, and what it must not. One row is one file for the linter. */
const layers: readonly { readonly folder: string; readonly may: readonly string[]; readonly mustNot: readonly string[] }[] = [
  {
    folder: 'environment/src',
    may: ['./types.js', 'node:crypto'],
    mustNot: ['node:fs', '@carillon/bus', '@carillon/server', 'lru-cache', '../../server/src/errors.js'],
  },
  {
    folder: 'bus/src',
    may: ['@carillon/environment', './transports/memory.js', 'node:crypto'],
    mustNot: ['kafkajs', 'amqplib', '@carillon/client', '@carillon/server', 'koa', '../../environment/src/types.js'],
  },
  { folder: 'bus/src/transports', may: ['kafkajs', 'amqplib', '../event.js'], mustNot: ['@carillon/server', '@carillon/client', 'koa'] },
  {
    folder: 'client/src',
    may: ['@carillon/environment', '@carillon/bus', './load.js', 'node:fs'],
    mustNot: ['@carillon/server', 'carillon', 'koa', 'yargs', 'kafkajs', '../../server/src/errors.js'],
  },
  {
    folder: 'server/src/settings',
    may: ['../resolution/parse/index.js', '../errors.js', 'ajv'],
    mustNot: ['../server.js', '@carillon/client', 'koa', 'isomorphic-git', 'yargs'],
  },
  {
    folder: 'server/src/http',
    may: ['koa', '../sources/source.js', '../refresh/plan.js', '../resolution/render/index.js', '../settings/settings.js', '../errors.js'],
    mustNot: ['../settings/load.js', '../server.js', '@carillon/client', 'isomorphic-git', 'yargs'],
  },
  {
    folder: 'server/src/refresh',
    may: ['../sources/source.js', '@carillon/bus', '../resolution/diff.js', '../settings/settings.js'],
    mustNot: ['../http/app.js', '../settings/load.js', '../server.js', 'koa', 'kafkajs', 'amqplib'],
  },
  {
    folder: 'server/src/sources',
    may: ['../trees/tree.js', '../resolution/select.js', '../errors.js', '../settings/settings.js'],
    mustNot: ['../refresh/plan.js', '../http/app.js', '../settings/schema.js', '../server.js', 'koa', 'isomorphic-git'],
  },
  {
    folder: 'server/src/trees/native',
    may: ['../tree.js', '../../resolution/select.js', 'node:fs', '../../errors.js'],
    mustNot: ['isomorphic-git', 'isomorphic-git/http/node', '../../sources/source.js', '../../refresh/plan.js', '../../http/app.js', 'koa'],
  },
  {
    folder: 'server/src/trees/git',
    may: ['./isomorphic/index.js', '../tree.js', 'node:worker_threads', '../../settings/settings.js'],
    mustNot: ['isomorphic-git', '../../sources/source.js', '../../settings/load.js', '../../server.js', 'koa', '@carillon/client'],
  },
  {
    folder: 'server/src/trees/git/isomorphic',
    may: ['isomorphic-git', 'isomorphic-git/models', '../remote.js', 'node:worker_threads', '../../../settings/settings.js'],
    mustNot: [
      '../system/run.js',
      '../../../sources/source.js',
      '../../../settings/load.js',
      '../../../server.js',
      'koa',
      '@carillon/client',
    ],
  },
  {
    folder: 'server/src/trees/git/system',
    may: ['node:child_process', '../remote.js', '../../../settings/settings.js'],
    mustNot: ['isomorphic-git', '../isomorphic/objects.js', '../../../sources/source.js', '../../../server.js', 'koa', '@carillon/client'],
  },
  {
    folder: 'server/src/resolution/parse',
    may: ['@carillon/environment', '../compose.js', '../../errors.js', 'js-yaml'],
    mustNot: [
      'node:fs',
      'node:fs/promises',
      'node:crypto',
      '../../trees/tree.js',
      '../../sources/source.js',
      '../../http/app.js',
      '@carillon/bus',
    ],
  },
  {
    folder: 'server/src',
    may: ['./http/app.js', './settings/load.js', './sources/source.js', './trees/git/index.js', 'node:path'],
    mustNot: ['@carillon/client', 'carillon', 'koa', 'isomorphic-git', 'yargs', '../../client/src/index.js'],
  },
  {
    folder: 'cli/src',
    may: ['@carillon/server', '@carillon/client', '@carillon/environment', 'yargs', 'yargs/helpers', 'node:process'],
    mustNot: ['koa', 'isomorphic-git', 'kafkajs', '../../server/src/errors.js'],
  },
  {
    folder: 'examples/shop',
    may: ['@carillon/client', '@carillon/client/koa', './pool.js', 'koa', 'zod'],
    mustNot: ['@carillon/server', 'carillon', '../../client/src/index.js', '../../client/dist/index.js'],
  },
]

describe('layers', () => {
  let tree: string
  let refused: ReadonlySet<string>

  before(() => {
    tree = mkdtempSync(join(tmpdir(), 'carillon-layers-'))
    for (const name of ['biome.json', 'biome.layers.json']) copyFileSync(join(root, name), join(tree, name))
    for (const { folder, may, mustNot } of layers) {
      for (const [index, specifier] of [...may, ...mustNot].entries())
        write(join(tree, folder, `zz-${index}.ts`), `import '${specifier}'\n`)
    }
    refused = filesRefusedIn(tree)
  })

  after(() => rmSync(tree, { recursive: true, force: true }))

  for (const { folder, may, mustNot } of layers) {
    for (const [index, specifier] of [...may, ...mustNot].entries()) {
      const allowed = index < may.length
      it(`${folder} ${allowed ? 'may' : 'must not'} import ${specifier}`, () => {
        expect(refused.has(`${folder}/zz-${index}.ts`)).to.equal(!allowed)
      })
    }
  }
})

describe('settings/settings.ts', () => {
  it('holds types alone, because every layer of the server may import it', async () => {
    expect(Object.keys(await import('../../server/src/settings/settings.js'))).to.deep.equal([])
  })
})

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** The files in which the linter sees a restricted import, relative to the folder. */
function filesRefusedIn(folder: string): ReadonlySet<string> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--only=style/noRestrictedImports', '--max-diagnostics=none', '--reporter=json', '.']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 })
  return filesOf(stdout, stderr)
}

function filesOf(stdout: string, stderr: string): ReadonlySet<string> {
  try {
    const report = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: string | { file: string } } }[] }
    const found = report.diagnostics.filter(({ category }) => category === 'lint/style/noRestrictedImports')
    return new Set(found.map(({ location: { path } }) => (typeof path === 'string' ? path : path.file)))
  } catch (cause) {
    throw new Error(`expected a JSON report of biome, got: ${stdout.slice(0, 500)}\n${stderr}`, { cause })
  }
}
