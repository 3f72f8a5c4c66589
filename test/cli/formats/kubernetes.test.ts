import { expect } from 'chai'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { CommandError } from '../../../cli/src/failure.js'
import { checkName, manifestText, nameFrom } from '../../../cli/src/formats/kubernetes.js'
import { pairsOf } from '../../../cli/src/formats/pairs.js'
import { anyText } from './texts.js'

const read = (text: string) => load(text) as { readonly data: Readonly<Record<string, string>> }

describe('manifestText', () => {
  it('is a ConfigMap whose values are texts', () => {
    const pairs = pairsOf([
      ['hosts[0].name', 'a'],
      ['db.pool', 5],
      ['on', true],
      ['a/b c', null],
      ['..x', ''],
      ['', 'e'],
    ])
    expect(load(manifestText(pairs, { kind: 'ConfigMap', name: 'orders' }))).to.deep.equal({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'orders' },
      data: { 'hosts_0.name': 'a', 'db.pool': '5', on: 'true', a_b_c: '', _x: '', _: 'e' },
    })
  })

  it('is a Secret whose values are base64', () => {
    expect(manifestText([['db.password', 'sésame']], { kind: 'Secret', name: 'orders' })).to.equal(
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: "orders"\ntype: Opaque\ndata:\n  db.password: "c8Opc2FtZQ=="\n',
    )
  })

  it('holds nothing where there is nothing', () => {
    expect(read(manifestText([], { kind: 'ConfigMap', name: 'orders' })).data).to.deep.equal({})
  })

  it('keeps every value, and has keys that Kubernetes takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), anyText, (key, text) => {
        const config = Object.entries(read(manifestText([[key, text]], { kind: 'ConfigMap', name: 'x' })).data)
        const secret = Object.values(read(manifestText([[key, text]], { kind: 'Secret', name: 'x' })).data)
        expect(config).to.have.length(1)
        expect(config[0]![0])
          .to.match(/^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/)
          .and.not.to.equal('.')
        expect(config[0]![1]).to.equal(text)
        expect(Buffer.from(secret[0]!, 'base64').toString()).to.equal(Buffer.from(text).toString())
      }),
    )
  })

  it('refuses keys that become one, and what is too large', () => {
    const write =
      (...pairs: readonly (readonly [string, string])[]) =>
      () =>
        manifestText(pairs, { kind: 'ConfigMap', name: 'x' })
    expect(write(['a b', ''], ['a/b', ''])).to.throw(CommandError, /'a b' and 'a\/b' would both be the key 'a_b'/)
    expect(write(['a', 'x'.repeat(1024 * 1024)])).to.throw(CommandError, /holds 1048576 bytes, and these are 1048577/)
  })
})

describe('checkName', () => {
  for (const name of ['orders', 'orders-config.v2', '1', nameFrom('Orders_Service'), nameFrom('-ä.b-')])
    it(`takes ${name}`, () => expect(checkName(name)).to.equal(name))
  for (const name of ['', 'Orders', 'a_b', '-a', 'a-', 'a..b', 'a'.repeat(254), 'a\n']) {
    it(`refuses ${JSON.stringify(name.slice(0, 9))}`, () =>
      expect(() => checkName(name)).to.throw(CommandError, /is no name for Kubernetes/))
  }
})
