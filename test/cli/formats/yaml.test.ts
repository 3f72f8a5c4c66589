import { expect } from 'chai'
import fc from 'fast-check'
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml'
import { sortedTree } from '../../../cli/src/formats/pairs.js'
import { yamlText } from '../../../cli/src/formats/yaml.js'
import { anyKey, anyText } from './texts.js'

describe('yamlText', () => {
  it('is the plainest text that says it', () => {
    const value = {
      server: { port: 8080, ssl: false },
      hosts: ['a', { b: null }, []],
      name: 'on',
      version: '1.0',
      text: 'Bell Street: Goods',
      empty: {},
    }
    expect(yamlText(sortedTree(value))).to.equal(
      'empty: {}\nhosts:\n  - a\n  - b: null\n  - []\nname: "on"\nserver:\n  port: 8080\n  ssl: false\ntext: "Bell Street: Goods"\nversion: "1.0"\n',
    )
  })

  const leaf = fc.oneof(
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.boolean(),
    fc.constant(null),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(anyKey, tie('tree'), { maxKeys: 4 })),
  }))
  for (const [what, schema] of [
    ['1.1', YAML11_SCHEMA],
    ['1.2', CORE_SCHEMA],
  ] as const) {
    it(`is read as it was by YAML ${what}`, () => {
      fc.assert(
        fc.property(tree, (value) => {
          expect(load(yamlText(value as never), { schema })).to.deep.equal(value)
        }),
      )
    })
  }
})
