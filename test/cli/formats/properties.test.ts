import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { pairsOf } from '../../../cli/src/formats/pairs.js'
import { propertiesText } from '../../../cli/src/formats/properties.js'
import { makeScratch } from '../../server/trees/repositories.js'
import { anyKey, anyText } from './texts.js'

const scratch = makeScratch()

/** Prints what Java reads, in UTF-16 as hexadecimal digits: names and values, with `=` between. */
const READER = `
import java.nio.charset.StandardCharsets;
public class Reader {
  public static void main(String[] args) throws Exception {
    var read = new java.util.Properties();
    try (var in = new java.io.FileInputStream(args[0])) { read.load(in); }
    for (var name : read.stringPropertyNames()) System.out.println(hex(name) + "=" + hex(read.getProperty(name)));
  }
  static String hex(String text) {
    var digits = new StringBuilder();
    for (char unit : text.toCharArray()) digits.append(String.format("%04x", (int) unit));
    return digits.toString();
  }
}`

describe('propertiesText', () => {
  afterEach(() => scratch.clear())

  it('is one ASCII line for each key', () => {
    const text = propertiesText(
      pairsOf([
        ['b c', ' x '],
        ['a', 'ü\n#'],
        ['#k:=', ''],
      ]),
    )
    expect(text).to.equal('\\#k\\:\\==\na=\\u00fc\\n#\nb\\ c=\\ x \n')
  })

  it('is read by java.util.Properties as it was', () => {
    const values = new Map(fc.sample(fc.tuple(anyKey, anyText), { numRuns: 500, seed: 1 }))
    const folder = scratch.folder()
    writeFileSync(join(folder, 'Reader.java'), READER)
    writeFileSync(join(folder, 'x.properties'), propertiesText(pairsOf(values)), 'latin1')
    const out = execFileSync('java', ['-XX:TieredStopAtLevel=1', join(folder, 'Reader.java'), join(folder, 'x.properties')], {
      encoding: 'utf8',
    })
    const read = out
      .trim()
      .split('\n')
      .map((line) => line.split('=').map(unhex) as [string, string])
    expect(values.size).to.be.above(200)
    expect(new Map(read)).to.deep.equal(new Map([...values].sort()))
  })
})

function unhex(digits: string): string {
  return String.fromCharCode(...(digits.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))
}
