import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'

const script = join(import.meta.dirname, '../../scripts/check.mjs')

describe('npm run check', function () {
  this.timeout(120_000)

  for (const step of ['types', 'lint', 'dead-code']) {
    it(`passes its step ${step}`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, step], { encoding: 'utf8', maxBuffer: 1 << 26 })
      expect(status, `${stdout}${stderr}`).to.equal(0)
    })
  }

  it('names its steps when it is asked for one that does not exist', () => {
    const { status, stderr } = spawnSync(process.execPath, [script, 'typos'], { encoding: 'utf8' })
    expect({ status, stderr: stderr.trim() }).to.deep.equal({
      status: 2,
      stderr: 'There is no step "typos"; there are: types, lint, dead-code, packages',
    })
  })
})
