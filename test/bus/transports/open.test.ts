import { expect } from 'chai'
import { checkTransport, openTransport, requirePackage } from '../../../bus/src/transports/open.js'
import { canary } from '../../../scripts/canary.mjs'

const SECRET = canary('url')

const options = { destination: 'd', receives: 'all', onDelivery: () => {}, onState: () => {}, onTrouble: () => {} } as const

describe('openTransport', () => {
  const bad: [string, string, string, RegExp][] = [
    ['an unknown scheme', `redis://u:${SECRET}@host`, 'unknown-transport', /Got redis:\/\/host .*memory:, amqp:, amqps:, kafka:/],
    ['no scheme', 'localhost', 'unknown-transport', /Got localhost/],
    ['nothing', '', 'unknown-transport', /Got nothing/],
    ['a path behind Kafka', `kafka://u:${SECRET}@h/topic`, 'invalid-url', /topic/],
    [
      'an unknown mechanism',
      `kafka://u:${SECRET}@h?sasl=gssapi`,
      'invalid-url',
      /sasl=gssapi, expected one of: plain, scram-sha-256, scram-sha-512/,
    ],
    ['a heartbeat that is none', `amqp://u:${SECRET}@h?heartbeat=never`, 'invalid-url', /heartbeat=never/],
  ]
  for (const [name, url, code, message] of bad)
    it(`refuses ${name} at once`, () => {
      expect(() => openTransport(url, options))
        .to.throw(message)
        .with.property('code', code)
      expect(() => openTransport(url, options)).to.not.throw(SECRET)
    })

  for (const url of ['memory:here', 'amqp://127.0.0.1:1', 'amqps://127.0.0.1:1', 'kafka://127.0.0.1:1'])
    it(`opens ${url} at once and closes it while nobody answers`, async () => {
      const transport = openTransport(url, options)
      expect(transport.state()).to.equal('connecting')
      await transport.close()
      expect(transport.state()).to.equal('closed')
    })
})

describe('checkTransport', () => {
  it('refuses what cannot be opened, and opens nothing', () => {
    expect(() => checkTransport('redis://host'))
      .to.throw(/Got redis/)
      .with.property('code', 'unknown-transport')
    expect(checkTransport('amqp://127.0.0.1:1')).to.equal(undefined)
  })
})

describe('requirePackage', () => {
  it('names the package that is missing and how to get it', () => {
    expect(() => requirePackage('no-such-broker-library', 'nosuch:'))
      .to.throw('A bus at nosuch: needs the package no-such-broker-library, which is not installed: npm install no-such-broker-library')
      .with.property('code', 'missing-package')
  })
})
