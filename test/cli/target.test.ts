import { expect } from 'chai'
import { CommandError } from '../../cli/src/failure.js'
import { parseTarget, targetText } from '../../cli/src/target.js'
import { canary, titled } from '../../scripts/canary.mjs'

const SECRET = canary('password')

describe('parseTarget', () => {
  const meant: readonly (readonly [string, object])[] = [
    ['orders', { name: 'orders' }],
    ['orders/prod', { name: 'orders', profiles: 'prod' }],
    ['orders/prod,eu', { name: 'orders', profiles: 'prod,eu' }],
    ['orders,shop/prod', { name: 'orders,shop', profiles: 'prod' }],
    ['orders/prod@v1.2', { name: 'orders', profiles: 'prod', label: 'v1.2' }],
    ['orders/prod@feature/x@2', { name: 'orders', profiles: 'prod', label: 'feature/x@2' }],
    ['orders@main', { name: 'orders', label: 'main' }],
  ]
  for (const [text, target] of meant) {
    it(`reads ${text}, and writes it the same`, () => {
      expect(parseTarget(text)).to.deep.equal(target)
      expect(targetText(parseTarget(text))).to.equal(text)
    })
  }

  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /names no application/],
    ['/prod', /names no application/],
    ['@main', /names no application/],
    ['orders,,shop', /names no application/],
    ['orders/', /names no profile after the slash/],
    ['orders/@main', /names no profile after the slash/],
    ['orders/prod@', /names no label after the @/],
    ['orders/prod/main', /slash too many.*orders\/prod@main\?/],
    ['orders/prod/feature/x', /orders\/prod@feature\/x\?/],
    ['or ders', /has a space/],
    [`http://ada:${SECRET}@localhost:8888/orders`, /^'http:\/\/localhost:8888\/orders' is an address.*--server/],
  ]
  for (const [text, message] of refused) {
    it(`refuses '${titled(text)}' with what was expected`, () => expect(() => parseTarget(text)).to.throw(CommandError, message))
  }
})
