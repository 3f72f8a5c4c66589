import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect } from 'chai'
import { parse } from 'dotenv'
import fc from 'fast-check'
import { CommandError } from '../../../cli/src/failure.js'
import { dotenvText } from '../../../cli/src/formats/dotenv.js'
import { pairsOf } from '../../../cli/src/formats/pairs.js'
import { makeScratch } from '../../server/trees/repositories.js'
import { anyName, anyText } from './texts.js'

const scratch = makeScratch()
const variables = fc.dictionary(anyName, anyText)

describe('dotenvText', () => {
  afterEach(() => scratch.clear())

  it('leaves quotes away where nobody needs them, and takes those that a shell leaves alone', () => {
    const values = {
      PLAIN: 'jdbc:postgresql://db:5432/x',
      SPACE: 'a b',
      BOTH: `it's "$HOME"`,
      SINGLE: "it's",
      LINES: 'a\nb',
      EMPTY: '',
      HASH: 'a#b',
    }
    expect(dotenvText(pairsOf(Object.entries(values)))).to.equal(
      `BOTH=\`it's "$HOME"\`\nEMPTY=\nHASH='a#b'\nLINES='a\nb'\nPLAIN=jdbc:postgresql://db:5432/x\nSINGLE="it's"\nSPACE='a b'\n`,
    )
  })

  it('writes what dotenv and Node.js read as it was, or refuses it', () => {
    fc.assert(
      fc.property(variables, (values) => {
        const kept = Object.entries(values).filter(([name, text]) => isWritable(name, text))
        const written = dotenvText(pairsOf(kept))
        const expected = Object.fromEntries(kept)
        expect(parse(written)).to.deep.equal(expected)
        expect({ ...parseEnv(written) }).to.deep.equal(expected)
      }),
    )
  })

  it('is read by node --env-file', () => {
    const kept = fc
      .sample(fc.tuple(anyName, anyText), { numRuns: 400, seed: 1 })
      .map(([name, text]) => [`T_${name}`, text] as const)
      .filter(([name, text]) => isWritable(name, text))
    const values = Object.fromEntries(kept)
    const path = join(scratch.folder(), '.env')
    writeFileSync(path, dotenvText(pairsOf(Object.entries(values))))
    const script = 'console.log(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("T_")))))'
    const out = execFileSync(process.execPath, [`--env-file=${path}`, '-e', script], { encoding: 'utf8', env: {} })
    expect(Object.keys(values).length).to.be.above(150)
    expect(JSON.parse(out)).to.deep.equal(values)
  })

  const refused: readonly (readonly [string, string, boolean])[] = [
    ['all three kinds of quotes', `'"\``, true],
    ['a carriage return', 'a\r\nb', true],
    ['a zero byte', 'a\0', true],
    ['a quoted backslash at the end', '# \\', true],
    ['half a character', '\ud83d', true],
    ['quotes and an escape', `it's \\n`, false],
    ['a Windows path', 'C:\\nice', false],
  ]
  for (const [what, text, isRefused] of refused) {
    it(`${isRefused ? 'refuses' : 'takes'} ${what}`, () => {
      const write = () => dotenvText([['A', text]])
      if (isRefused) expect(write).to.throw(CommandError, /No \.env file can hold A:/)
      else expect(parse(write())).to.deep.equal({ A: text })
    })
  }

  it('names every variable that it refuses, and no value', () => {
    expect(() =>
      dotenvText(
        pairsOf([
          ['B', 'sesame\r'],
          ['A', '1'],
          ['C-D', '2'],
        ]),
      ),
    ).to.throw(CommandError, /hold B, C-D: (?!.*sesame)/)
  })
})

function isWritable(name: string, text: string): boolean {
  try {
    dotenvText([[name, text]])
    return true
  } catch {
    return false
  }
}
