import { Ajv } from 'ajv'
import { expect } from 'chai'
import { ownKeywords, type SettingNode } from '../../../server/src/settings/nodes.js'
import { gitSchema, nativeSchema } from '../../../server/src/settings/repository-schema.js'
import { settingsSchema } from '../../../server/src/settings/schema.js'
import { knownKeys } from '../../../server/src/settings/suggest.js'

const nodesOf = (node: SettingNode): readonly SettingNode[] => [
  node,
  ...Object.values(node.properties ?? {}).flatMap(nodesOf),
  ...(node.items === undefined ? [] : nodesOf(node.items)),
  ...(typeof node.additionalProperties === 'object' ? nodesOf(node.additionalProperties) : []),
]

describe('settingsSchema', () => {
  for (const [name, schema] of Object.entries({ settingsSchema, gitSchema, nativeSchema })) {
    it(`${name} is JSON Schema that ajv takes strictly`, () => {
      const ajv = new Ajv({ strict: true, useDefaults: true, keywords: [...ownKeywords] })
      expect(ajv.validateSchema(schema)).to.equal(true)
      expect(() => ajv.compile(schema)).not.to.throw()
    })
  }

  it('describes each key that has a value', () => {
    const leaves = Object.values(settingsSchema.properties ?? {})
      .flatMap(nodesOf)
      .filter((node) => node.type === 'integer' || node.type === 'boolean' || node.type === 'array')
    expect(leaves.filter((node) => node.description === undefined)).to.deep.equal([])
  })

  it('refuses what it does not name wherever a map of names is not meant', () => {
    const open = nodesOf(settingsSchema).filter((node) => node.type === 'object' && node.additionalProperties === undefined)
    expect(open).to.deep.equal([])
  })
})

describe('knownKeys', () => {
  it('has the keys that have an effect, and no others', () => {
    expect(knownKeys()).to.include.members([
      'server.port',
      'spring.cloud.config.server.git.uri',
      'spring.cloud.config.server.overrides',
      'carillon.data-folder',
    ])
    expect(knownKeys()).not.to.include.members(['spring.cloud.config.server.vault', 'encrypt.foo', 'spring.rabbitmq'])
  })
})
