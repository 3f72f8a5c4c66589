import type { Environment, Property } from '@carillon/environment'
import { expect } from 'chai'
import { environmentJson } from '../../../../server/src/resolution/render/index.js'

const properties = new Map<string, Property>([
  ['text', { value: 'a "b"\n', origin: { kind: 'file', file: 'a.yml', line: 2, column: 7 } }],
  ['big', { value: 123456789012345678901234567890n }],
  ['double', { value: 1, origin: { kind: 'file', file: 'a.yml', line: 3, column: 9 } }],
  ['large', { value: 1e10 }],
  ['nan', { value: Number.NaN }],
  ['inf', { value: Number.NEGATIVE_INFINITY }],
  ['flag', { value: true, origin: { kind: 'text', text: 'Config server overrides' } }],
  ['__proto__', { value: '' }],
])
const environment: Environment = {
  name: 'shop',
  profiles: ['dev,eu'],
  label: null,
  version: 'abc',
  state: '',
  propertySources: [
    { name: 'shop.yml', properties },
    { name: 'none', properties: new Map() },
  ],
}
const HEAD = '{"name":"shop","profiles":["dev,eu"],"label":null,"version":"abc","state":"","propertySources":['

describe('environmentJson', () => {
  it('writes version 1 with plain values', () => {
    expect(environmentJson(environment, 'v1')).to.equal(
      `${HEAD}{"name":"shop.yml","source":{"text":"a \\"b\\"\\n","big":123456789012345678901234567890,"double":1.0,"large":1.0E10,"nan":"NaN","inf":"-Infinity","flag":true,"__proto__":""}},{"name":"none","source":{}}]}`,
    )
  })

  it('writes version 2 with an origin where there is one', () => {
    expect(environmentJson(environment, 'v2')).to.equal(
      `${HEAD}{"name":"shop.yml","source":{"text":{"value":"a \\"b\\"\\n","origin":"2:7"},"big":123456789012345678901234567890,"double":{"value":1.0,"origin":"3:9"},"large":1.0E10,"nan":"NaN","inf":"-Infinity","flag":{"value":true,"origin":"Config server overrides"},"__proto__":""}},{"name":"none","source":{}}]}`,
    )
  })

  it('writes an answer without sources', () => {
    expect(environmentJson({ ...environment, propertySources: [] }, 'v1')).to.equal(`${HEAD}]}`)
  })
})
