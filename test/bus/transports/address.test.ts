import { expect } from 'chai'
import { parseAddress, withoutSecrets } from '../../../bus/src/transports/address.js'
import { canary } from '../../../scripts/canary.mjs'

const SECRET = canary('url')

const rules = { port: 5672, parameters: ['heartbeat', 'tls'] }

describe('parseAddress', () => {
  const good: [string, string, object][] = [
    ['one host', 'amqp://rabbit', { hosts: [{ host: 'rabbit', port: 5672 }], credentials: undefined, path: '' }],
    ['a port', 'amqp://rabbit:99', { hosts: [{ host: 'rabbit', port: 99 }] }],
    [
      'several hosts',
      'amqp://a,b:2,[::1]:3',
      {
        hosts: [
          { host: 'a', port: 5672 },
          { host: 'b', port: 2 },
          { host: '::1', port: 3 },
        ],
      },
    ],
    ['a user', 'amqp://me@a', { credentials: { user: 'me', password: '' } }],
    ['escapes', 'amqp://m%40e:p%3A%2F%C3%B6@a/v%2Fh', { credentials: { user: 'm@e', password: 'p:/ö' }, path: 'v/h' }],
    [
      'a raw @ and : in a password',
      'amqp://me:a@b:c@host',
      { credentials: { user: 'me', password: 'a@b:c' }, hosts: [{ host: 'host', port: 5672 }] },
    ],
    [
      'parameters',
      'AMQP://a/v?heartbeat=5&tls=true',
      {
        scheme: 'amqp',
        path: 'v',
        parameters: new Map([
          ['heartbeat', '5'],
          ['tls', 'true'],
        ]),
      },
    ],
  ]
  for (const [name, url, expected] of good) it(`reads ${name}`, () => expect(parseAddress(url, rules)).to.deep.include(expected))

  const bad: [string, string, RegExp][] = [
    ['no scheme', 'rabbit:5672', /expected scheme:/],
    ['no host', 'amqp:///v', /Got "" as a host/],
    ['a port of letters', `amqp://u:${SECRET}@a:port`, /Got "a:port" as a host/],
    ['a port too high', `amqp://u:${SECRET}@a:70000`, /Got "a:70000"/],
    ['an empty second host', `amqp://u:${SECRET}@a,`, /Got "" as a host/],
    ['an unknown parameter', `amqp://u:${SECRET}@a?hartbeat=1`, /"hartbeat" in amqp:\/\/a, expected one of: heartbeat, tls/],
    ['a broken escape', `amqp://u:${SECRET}%zz@a`, /percent/],
  ]
  for (const [name, url, message] of bad)
    it(`refuses ${name}, without credentials in the message`, () => {
      expect(() => parseAddress(url, rules))
        .to.throw(message)
        .with.property('code', 'invalid-url')
      expect(() => parseAddress(url, rules)).to.not.throw(SECRET)
    })
})

describe('withoutSecrets', () => {
  const rows: [string, string][] = [
    ['amqp://u:p@host:1/v?x=y', 'amqp://host:1/v'],
    ['amqp://u:p@q@host', 'amqp://host'],
    ['u:p@host', 'host'],
    ['kafka://a,b', 'kafka://a,b'],
  ]
  for (const [url, shown] of rows) it(`shows ${shown}`, () => expect(withoutSecrets(url)).to.equal(shown))
})
