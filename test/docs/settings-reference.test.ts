import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '../..')

describe('docs/reference/settings.md', () => {
  it('says what the settings schema says', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/settings-reference.mjs', '--check'], { cwd: root, encoding: 'utf8' })
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
  })
})
