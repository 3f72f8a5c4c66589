import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect } from 'chai'
import { explained } from '../conformance/explained.js'

const root = join(import.meta.dirname, '../..')
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'config-repo-sample/README.md',
  ...['environment', 'bus', 'client'].map((name) => join(name, 'README.md')),
  ...examples.map((name) => join('examples', name)),
  ...docs.map((name) => join('docs', name)),
]
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** Code is not looked at: what looks like a link or a heading in it is none. */
const withoutCode = (text: string): string =>
  text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, '_'))

const linksOf = (text: string): readonly string[] => [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')

/** The anchors of a page, as they are made of headings where the pages are shown: lower case, without marks, blanks to dashes. */
const anchorsOf = (text: string): ReadonlySet<string> => {
  const headings = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ +(.+?) *$/gm)
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  return new Set(Array.from(headings, (match) => slug(match[1] ?? '')))
}

/** Why a link of a page leads nowhere; `undefined` where it leads somewhere, or out of the checkout. */
const problemOf = (page: string, link: string): string | undefined => {
  if (/^[a-z]+:/.test(link)) return undefined
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? join(root, page) : resolve(root, dirname(page), path)
  if (relative(root, target).startsWith('..') || !existsSync(target)) return `${page}: there is no ${link}`
  if (anchor === undefined) return undefined
  const known = statSync(target).isFile() && anchorsOf(readFileSync(target, 'utf8')).has(anchor)
  return known ? undefined : `${page}: ${link} has no such heading`
}

describe('the links of the documents', () => {
  for (const page of pages) {
    it(`lead somewhere in ${page}`, () => {
      const problems = linksOf(textOf(page)).flatMap((link) => problemOf(page, link) ?? [])
      expect(problems).to.deep.equal([])
    })
  }

  it('reach every page of docs/ from docs/README.md', () => {
    const linked = new Set(linksOf(textOf('docs/README.md')).map((link) => link.split('#')[0]))
    expect(docs.filter((name) => name !== 'README.md' && !linked.has(name))).to.deep.equal([])
  })
})

describe('docs/reference/compatibility.md', () => {
  const page = textOf('docs/reference/compatibility.md')

  it('has the headings that the reasons of the fuzz run name', () => {
    const named = [...textOf('test/fuzz/explained.ts').matchAll(/anchor: '([^']+)'/g)].map((match) => match[1] ?? '')
    const anchors = anchorsOf(page)
    expect(named).to.not.be.empty
    expect(named.filter((anchor) => !anchors.has(anchor))).to.deep.equal([])
  })

  it('names every recorded answer that ours differs from', () => {
    const requests = [...explained.keys()].map((name) => name.split(' ')[1] ?? '')
    expect(requests.filter((request) => !page.includes(`\`${request}\``))).to.deep.equal([])
  })
})
