import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '../..')

interface Row {
  readonly numbers: readonly string[]
  readonly files: readonly string[]
  /** Parts of titles. */
  readonly named: readonly string[]
}

/** The rows of the tables of a page whose last cell names files of tests. */
const rowsOf = (page: string): readonly Row[] =>
  readFileSync(join(root, 'docs/reference', page), 'utf8')
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

for (const page of ['spring-issues.md', 'limits.md']) {
  describe(`the tests that docs/reference/${page} names`, () => {
    const rows = rowsOf(page)

    it('are in files that are there', () => {
      expect(rows).to.have.length.above(20)
      expect(rows.flatMap(({ files }) => files).filter((file) => !existsSync(join(root, file)))).to.deep.equal([])
    })

    it('have the titles, or the numbers of issues in their titles', () => {
      const missing = rows.flatMap(({ numbers, named, files }) => {
        const titles = files.flatMap(titlesIn)
        const absent = numbers.filter((number) => !titles.some((title) => new RegExp(`${number}\\b`).test(title)))
        return [...absent, ...named.filter((part) => !titles.some((title) => title.includes(part)))]
      })
      expect(missing).to.deep.equal([])
      expect(rows.filter(({ numbers, named }) => numbers.length === 0 && named.length === 0)).to.deep.equal([])
    })
  })
}
