import { expect } from 'chai'
import type { ServerError } from '../../../server/src/errors.js'
import { configRequest } from '../../../server/src/http/request.js'
import { route } from '../../../server/src/http/routes.js'
import { parseTarget } from '../../../server/src/http/target.js'

const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'no problem'
  } catch (error) {
    return (error as ServerError).code
  }
}

describe('configRequest', () => {
  it('splits lists and gives back slashes', () => {
    expect(configRequest({ name: 'a(_)b,c', profiles: 'p,q', label: 'f(_)x,y' })).to.deep.equal({
      applications: ['a/b', 'c'],
      profiles: ['p', 'q'],
      label: 'f/x,y',
    })
    expect(configRequest({ name: 'a', profiles: 'p' })).not.to.have.property('label')
  })

  const list = (length: number): string => Array.from({ length }, (_, index) => `x${index}`).join(',')
  for (const [name, profiles, label, expected] of [
    ['a..b', 'p', 'l', 'invalid-request'],
    ['a%252e%252e', 'p', 'l', 'no problem'],
    ['a%2e%2e', 'p', 'l', 'invalid-request'],
    ['a%23', 'p', 'l', 'invalid-request'],
    ['%2e%2e?%', 'p', 'l', 'invalid-request'],
    ['a', 'p', '%2e.%', 'invalid-request'],
    ['a%ff%fe', 'p', 'l', 'no problem'],
    ['a%zz', 'p', 'l', 'no problem'],
    ['a', 'p', '..', 'invalid-request'],
    ['a', 'p', 'x#', 'invalid-request'],
    ['a*', 'p', 'l', 'invalid-request'],
    ['a', 'p,,q', 'l', 'invalid-request'],
    ['a', 'p, q', 'l', 'invalid-request'],
    ['a'.repeat(4096), 'p', 'l', 'no problem'],
    ['a'.repeat(4097), 'p', 'l', 'invalid-request'],
    ['a', 'p', 'l'.repeat(4097), 'invalid-request'],
    [list(16), list(16), 'l', 'no problem'],
    [list(16), list(17), 'l', 'invalid-request'],
    [list(4), list(8), list(8), 'no problem'],
    ['a', 'p', list(257), 'invalid-request'],
  ] as const) {
    it(`${expected === 'no problem' ? 'takes' : 'refuses'} ${name.slice(0, 20)} / ${profiles.slice(0, 20)} / ${label.slice(0, 20)}`, () => {
      expect(codeOf(() => configRequest({ name, profiles, label }))).to.equal(expected)
    })
  }
})

describe('route', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['/foo/dev', 'environment foo dev'],
    ['/foo/dev/main', 'environment foo dev main'],
    ['/foo/dev/rel.json', 'environment foo dev rel.json'],
    ['/foo/dev.ymlx', 'environment foo dev.ymlx'],
    ['/foo/dev-json', 'environment foo dev-json'],
    ['/foo/dev.json', 'undefined'],
    ['/foo/a.json.b', 'undefined'],
    ['/foo/a;b', 'environment foo a'],
    ['/foo-dev.yml', 'rendered foo dev yml'],
    ['/foo-bar-spam.yaml', 'rendered foo-bar spam yaml'],
    ['/foo-dev.x.properties', 'rendered foo dev.x properties'],
    ['/foo.bar-dev.json', 'rendered foo.bar dev json'],
    ['/-dev.yml', 'rendered  dev yml'],
    ['/foo-.yml', 'rendered foo  yml'],
    ['/--.yml', 'rendered -  yml'],
    ['/foo.yml', 'undefined'],
    ['/foo-dev.YML', 'undefined'],
    ['/foo-dev.yml/', 'undefined'],
    ['/main/foo-dev.json', 'rendered main foo dev json'],
    ['/a%2Fb/foo-dev.json', 'rendered a/b foo dev json'],
    ['/foo/dev/main/n.conf', 'resource foo dev main n.conf'],
    ['/foo/dev/main/n.conf/', 'resource foo dev main n.conf'],
    ['/foo/dev/main/a//b', 'resource foo dev main a/b'],
    ['/foo/dev/n.conf?useDefaultLabel', 'resource foo dev n.conf'],
    ['/foo/dev/', 'undefined'],
    ['//foo/dev', 'undefined'],
    ['/foo//dev', 'undefined'],
    ['/x/../foo/dev', 'environment foo dev'],
    ['/encrypt/status', 'encryption status'],
    ['/encrypt/app/dev', 'encryption encrypt'],
    ['/decrypt', 'encryption decrypt'],
    ['/key', 'encryption key'],
    ['/key/app', 'environment key app'],
    ['/actuator/health/liveness', 'actuator health liveness'],
  ]
  for (const [target, expected] of rows) {
    it(`reads ${target} as ${expected}`, () => {
      const found = route(parseTarget(target), '')
      const { kind, label, name, profiles, format, path, endpoint, action } = { ...found } as Record<string, string | string[] | undefined>
      const parts = kind === 'environment' ? [kind, name, profiles, label] : [kind, label, name, profiles, format, path, endpoint, action]
      const ordered = kind === 'resource' ? [kind, name, profiles, label, path] : parts
      expect(
        found === undefined
          ? 'undefined'
          : ordered
              .flat()
              .filter((part) => part !== undefined)
              .join(' '),
      ).to.equal(expected)
    })
  }
})

describe('parseTarget', () => {
  for (const refused of [
    '',
    '*',
    'foo',
    'host:80',
    '/a b',
    '/a\\b',
    '/ä',
    '/a{b}',
    '/a|b',
    '/%00',
    '/%5C',
    '/%zz',
    '/%',
    '/%ff',
    '/%c0%af',
    '/%ed%a0%80',
    '/../x',
    '/a/../../x',
    '/%2e%2e/x',
    '/a\0',
  ]) {
    it(`refuses ${JSON.stringify(refused)}`, () => expect(codeOf(() => parseTarget(refused))).to.equal('invalid-request'))
  }

  it('takes an absolute target for its path', () =>
    expect(parseTarget('http://host/a/b?c=d&c=e')).to.deep.include({ segments: ['a', 'b'], query: new Map([['c', 'd']]) }))

  it('keeps odd parameters inert', () =>
    expect([...parseTarget('/a?__proto__=x&%zz=1&=').query]).to.deep.equal([
      ['__proto__', 'x'],
      ['%zz', '1'],
      ['', ''],
    ]))
})
