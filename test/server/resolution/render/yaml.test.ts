import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { ListNode, MapNode, Node } from '../../../../server/src/resolution/render/nest.js'
import { yamlDocument, yamlText } from '../../../../server/src/resolution/render/yaml.js'

interface Row {
  readonly place: 'value' | 'item' | 'key'
  readonly text: string
  readonly yaml: string
}

// what SnakeYAML 2.5 wrote for each text as a value, as an item of a list and of a list in a list, and as a name
const rows: readonly Row[] = JSON.parse(readFileSync(new URL('fixtures/snakeyaml.json', import.meta.url), 'utf8'))

const leaf = (value: string): Node => ({ kind: 'leaf', value, rank: 0 })
const list = (...items: Node[]): ListNode => ({ kind: 'list', items, rank: 0 })
const map = (...entries: [string, Node][]): MapNode => ({ kind: 'map', entries: new Map(entries), rank: 0 })

const documents = {
  value: (text: string) => map(['k', map(['k', leaf(text)])]),
  item: (text: string) => map(['k', list(list(leaf(text)), leaf(text))]),
  key: (text: string) => map([text, map(['k', list(leaf('v'))])], ['zz', map(['k', map([text, leaf('v')])])]),
}

describe('yamlDocument', () => {
  for (const place of ['value', 'item', 'key'] as const) {
    it(`writes each kind of text as SnakeYAML does, as ${place}`, () => {
      for (const { text, yaml } of rows.filter((row) => row.place === place))
        expect(yamlDocument(documents[place](text)), JSON.stringify(text)).to.equal(yaml)
    })
  }

  it('writes half a surrogate pair as a replacement character', () => {
    expect(yamlDocument(map(['k', leaf('a\ud800b')]))).to.equal('k: a\ufffdb\n')
  })

  it('writes an empty map', () => expect(yamlDocument(map())).to.equal('{}\n'))
})

describe('yamlText', () => {
  it('writes any value as a string', () => {
    expect([12n, 1, true, '', 'a\nb', Number.NaN].map(yamlText)).to.deep.equal([
      "'12'\n",
      "'1.0'\n",
      "'true'\n",
      "''\n",
      '|-\n  a\n  b\n',
      "'.NaN'\n",
    ])
  })
})
