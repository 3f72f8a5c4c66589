import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/reference/spring-issues.md'), 'utf8')

interface Row {
  readonly numbers: readonly string[]
  readonly files: readonly string[]
  /** Parts of titles. */
  readonly named: readonly string[]
}

const rows: readonly Row[] = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('`test/'))
  .map((line) => {
    const cells = line.slice(2, -2).split(' | ')
    return {
      numbers: cells[0]?.match(/#\d+/g) ?? [],
      files: [...(cells.at(-1) ?? '').matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file),
      named: [...(cells.at(-1) ?? '').matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => title),
    }
  })

/** What `describe`, `it` and the rows of tables call their tests. */
const titlesIn = (file: string): readonly string[] => {
  const text = readFileSync(join(root, file), 'utf8')
  const titles = text.matchAll(/\b(?:describe\(|it\(|it: )\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/g)
  return Array.from(titles, ([, single, double, template]) => single ?? double ?? template ?? '')
}

describe('docs/reference/spring-issues.md', () => {
  it('has rows with numbers and rows without', () => {
    expect(rows.filter(({ numbers }) => numbers.length > 0)).to.have.length.above(15)
    expect(rows.filter(({ named }) => named.length > 0)).to.have.length.above(8)
    expect(rows.filter(({ numbers, named }) => numbers.length === 0 && named.length === 0)).to.deep.equal([])
  })

  it('names files that are there', () => {
    expect(rows.flatMap(({ files }) => files).filter((file) => !existsSync(join(root, file)))).to.deep.equal([])
  })

  it('names each issue that a test in one of the files has in its title', () => {
    const missing = rows.flatMap(({ numbers, files }) => {
      const titles = files.flatMap(titlesIn)
      return numbers.filter((number) => !titles.some((title) => new RegExp(`${number}\\b`).test(title)))
    })
    expect(missing).to.deep.equal([])
  })

  it('names titles that tests in the files have', () => {
    const missing = rows.flatMap(({ named, files }) => {
      const titles = files.flatMap(titlesIn)
      return named.filter((part) => !titles.some((title) => title.includes(part)))
    })
    expect(missing).to.deep.equal([])
  })
})
