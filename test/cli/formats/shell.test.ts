import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import fc from 'fast-check'
import { shellText } from '../../../cli/src/formats/shell.js'
import { anyVariable } from './texts.js'

describe('shellText', () => {
  it('is read by a shell as it was, and runs nothing', () => {
    const texts = fc.sample(anyVariable, { numRuns: 300, seed: 1 }).map((text) => text.toWellFormed())
    const pairs = [...texts, '$(exit 9)', '`exit 9`', "';exit 9;'"].map((text, index) => [`T_${index}`, text] as const)
    const out = execFileSync('sh', ['-c', 'set -a; eval "$1"; exec env -0', 'sh', shellText(pairs)], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    })
    const read = new Map(out.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
    for (const [name, text] of pairs) expect(read.get(name)).to.equal(text)
  })
})
