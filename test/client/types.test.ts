import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '../..')
const file = join(import.meta.dirname, 'types/use.ts')

describe('Config', () => {
  it('refuses, when it is compiled, paths that the schema has not, wrong defaults and writing', () => {
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '--noEmit', '--pretty', 'false', '-p', join(import.meta.dirname, 'types')], {
      encoding: 'utf8',
      cwd: root,
    })
    const wrong = [...stdout.matchAll(/use\.ts\((\d+),/g)].map(([, line]) => Number(line))
    const expected = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (line === '// wrong' ? [index + 2] : []))
    expect([...new Set(wrong)], stdout).to.deep.equal(expected)
  })
})
