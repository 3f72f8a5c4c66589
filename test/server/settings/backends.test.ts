import { expect } from 'chai'
import { type Given, git, load, problemOf, server } from './input.js'

const kinds = (given: Given): readonly string[] =>
  load(given).settings.backends.map((backend) =>
    backend.type === 'git'
      ? `git ${backend.uri} ${backend.defaultLabel}`
      : `native ${backend.searchLocations.join(' ')} ${backend.defaultLabel}`,
  )

const both = (active: string, ...lines: readonly string[]): string =>
  `spring.profiles.active: ${active}\n${server('native.search-locations: file:/n', ...lines)}`
const composite = (...lines: readonly string[]): string =>
  ['spring.profiles.active: composite', 'spring.cloud.config.server:', ...lines.map((line) => `  ${line}`)].join('\n')

describe('loadSettings: backends', () => {
  const cases: readonly (readonly [string, Given, readonly string[]])[] = [
    ['Git without a profile', { yml: both('""') }, ['git file:///repo main']],
    ['Git beside profiles that name no backend', { yml: both('dev') }, ['git file:///repo main']],
    ['native', { yml: both('native') }, ['native file:/n master']],
    ['native without locations', { yml: 'spring.profiles.active: native' }, ['native file:./ file:./config/ master']],
    [
      'native without class path locations',
      { yml: 'spring.profiles.active: native\nspring.cloud.config.server.native.search-locations: classpath:/config, file:/n' },
      ['native file:/n master'],
    ],
    ['native before Git without an order', { yml: both('git,native') }, ['native file:/n master', 'git file:///repo main']],
    ['both by order', { yml: both('git,native', 'native.order: 2', 'git.order: 1') }, ['git file:///repo main', 'native file:/n master']],
    [
      'one with an order before one without',
      { yml: both('git,native', 'git.order: 100') },
      ['git file:///repo main', 'native file:/n master'],
    ],
    [
      'composite in the order of the list',
      { yml: composite('composite:', '- {type: native, search-locations: /n}', '- {type: git, uri: /g}') },
      ['native /n master', 'git /g main'],
    ],
    [
      'composite by order',
      { yml: composite('composite:', '- {type: native, search-locations: /n, order: 5}', '- {type: git, uri: /g}') },
      ['git /g main', 'native /n master'],
    ],
    [
      'composite from variables, entry by entry',
      { yml: composite('composite:', '- {type: git, uri: /g}'), env: { SPRING_CLOUD_CONFIG_SERVER_COMPOSITE_0_DEFAULT_LABEL: 'v1' } },
      ['git /g v1'],
    ],
    [
      "the server's default label wins",
      { yml: both('git,native', 'default-label: next', 'git.default-label: v1') },
      ['native file:/n next', 'git file:///repo next'],
    ],
    [
      "the server's default label reaches composite entries",
      { yml: composite('default-label: next', 'composite:', '- {type: git, uri: /g}') },
      ['git /g next'],
    ],
    ['REPO that is Git', { repo: '/r', disk: { '/r': 'git' } }, ['git file:///r main']],
    ['REPO that is a plain folder', { repo: '/r', disk: { '/r': 'folder' } }, ['native file:///r master']],
    ['REPO as a file: URI', { repo: 'file:///r', disk: { '/r': 'git' } }, ['git file:///r main']],
    ['REPO with spaces and a sign that ends paths', { repo: '/a b/c#1', disk: { '/a b/c#1': 'git' } }, ['git file:///a b/c%231 main']],
    ['REPO as an address', { repo: 'https://host/r.git' }, ['git https://host/r.git main']],
    ['REPO for ssh', { repo: 'git@host:team/r.git' }, ['git git@host:team/r.git main']],
    ['REPO with a placeholder', { repo: '/repos/{application}' }, ['git file:///repos/{application} main']],
    [
      'REPO instead of the backends of the file',
      { repo: '/r', disk: { '/r': 'git' }, yml: both('native', 'git.default-label: v1') },
      ['git file:///r v1'],
    ],
  ]
  for (const [name, given, wanted] of cases) it(name, () => expect(kinds(given)).to.deep.equal(wanted))

  it('says so where a folder is served as native', () => {
    expect(load({ repo: '/r', disk: { '/r': 'folder' } }).warnings).to.deep.equal([
      '/r is no Git repository: it is served as it is, without versions and labels (native)',
    ])
  })

  it('reads all keys of a repository', () => {
    const lines = [
      'git.basedir: /b',
      'git.timeout: 9',
      'git.delete-untracked-branches: true',
      'git.proxy.https: {host: p, port: 81, username: u, password: s, non-proxy-hosts: a|*.b}',
      'git.force-pull: true',
    ]
    const backend = git(load({ yml: `${server(...lines)}\ncarillon.trust-certificate: /ca.pem` }))
    expect(backend).to.include({ basedir: '/b', timeout: 9, deleteUntrackedBranches: true, trustCertificate: '/ca.pem' })
    expect(backend).to.include({ engine: 'auto' })
    expect(backend.ssh).to.deep.equal({ ignoreLocal: false, strictHostKeyChecking: true })
    expect(backend.proxy).to.deep.equal({ https: { host: 'p', port: 81, username: 'u', password: 's', nonProxyHosts: ['a', '*.b'] } })
  })

  for (const [timeout, expected] of [
    ['0', 900],
    ['900', 900],
    ['901', 900],
    ['100000', 900],
  ] as const) {
    it(`waits no longer for a remote than a look may take: timeout ${timeout}`, () => {
      expect(git(load({ yml: server(`git.timeout: ${timeout}`) })).timeout).to.equal(expected)
    })
  }

  it('reads server.ssl', () => {
    const yml = `${server()}\nserver.ssl: {certificate: "file:/c.pem", certificate-private-key: /k.pem, client-auth: NEED, trust-certificate: file:///t.pem}`
    expect(load({ yml }).settings.server.tls).to.deep.equal({
      certificate: '/c.pem',
      privateKey: '/k.pem',
      clientAuth: 'need',
      trustCertificate: '/t.pem',
    })
    expect(load({ yml: `${yml}\nserver.ssl.enabled: false` }).settings.server).not.to.have.property('tls')
    const store = `${server()}\nserver.ssl: {key-store: /s.p12, key-store-password: x, key-store-type: PKCS12}`
    expect(load({ yml: store }).settings.server.tls).to.deep.equal({ keyStore: '/s.p12', keyStorePassword: 'x', clientAuth: 'none' })
  })

  describe('refuses', () => {
    const refused: readonly (readonly [string, Given, string])[] = [
      ['nothing to serve', {}, 'carillon serve REPO'],
      [
        'nothing to serve but an inactive composite',
        { yml: 'spring.cloud.config.server.composite: [{type: git, uri: /g}]' },
        'only used with spring.profiles.active: composite',
      ],
      ['REPO that is not there', { repo: '/nosuch' }, 'there is no /nosuch'],
      [
        'a placeholder in the host',
        { yml: 'spring.cloud.config.server.git.uri: https://{application}.host/x' },
        'must not stand in the host or port',
      ],
      [
        'a placeholder in the port',
        { yml: 'spring.cloud.config.server.git.uri: https://user:p@host:{label}/x' },
        'must not stand in the host or port',
      ],
      [
        'a placeholder in the host of ssh',
        { yml: 'spring.cloud.config.server.git.uri: git@{application}:x' },
        'must not stand in the host or port',
      ],
      ['an unknown scheme', { yml: 'spring.cloud.config.server.git.uri: ftp://host/x' }, 'expected http:, https:, ssh:, file: or a path'],
      ['a vault profile', { yml: both('git,vault') }, 'the vault backend is not supported'],
      [
        'a vault profile beside REPO',
        { repo: '/r', disk: { '/r': 'git' }, env: { SPRING_PROFILES_ACTIVE: 'vault' } },
        'the vault backend is not supported',
      ],
      [
        'a jdbc entry',
        { yml: composite('composite: [{type: git, uri: /g}, {type: jdbc, sql: x}]') },
        'composite[1].type: the jdbc backend is not supported',
      ],
      ['an entry without a type', { yml: composite('composite: [{uri: /g}]') }, 'composite[0].type (carillon.yml:3:21) is missing'],
      ['an entry of no known type', { yml: composite('composite: [{type: gti, uri: /g}]') }, 'got "gti", expected git or native'],
      [
        'a Git key in a native entry',
        { yml: composite('composite: [{type: native, search-paths: /n}]') },
        'the nearest is spring.cloud.config.server.composite[0].search-locations',
      ],
      ['no entry', { yml: composite('prefix: /x') }, 'no backend is listed'],
      ['a pattern without uri', { yml: server('git.repos.x.pattern: a*') }, 'repos.x.uri (carillon.yml:3:24) is missing'],
      ['keys of a backend', { yml: server('redis.order: 1') }, 'the redis backend is not supported'],
      [
        'only class path locations',
        { yml: 'spring.profiles.active: native\nspring.cloud.config.server.native.search-locations: classpath:/' },
        'names no folder',
      ],
      [
        'a certificate without its key',
        { yml: `${server()}\nserver.ssl.certificate: /c.pem` },
        'server.ssl.certificate-private-key is missing',
      ],
      ['an SSL bundle', { yml: `${server()}\nserver.ssl.bundle: web` }, 'answers would not be encrypted'],
      ['a JKS store', { yml: `${server()}\nserver.ssl: {key-store: /x, key-store-type: JKS}` }, 'got "jks", expected pkcs12'],
      [
        'a user without a password',
        { yml: `${server()}\nspring.security.user.name: root` },
        'spring.security.user.password is missing or empty',
      ],
      [
        'an empty password',
        { yml: server(), env: { SPRING_SECURITY_USER_PASSWORD: '' } },
        'spring.security.user.password is missing or empty',
      ],
      ['an encoded password', { yml: `${server()}\nspring.security.user.password: '{bcrypt}x'` }, '{bcrypt} passwords are not supported'],
      [
        'other security',
        { yml: `${server()}\nspring.security.oauth2.resourceserver.jwt.issuer-uri: https://i` },
        'access would not be checked',
      ],
    ]
    for (const [name, given, message] of refused)
      it(name, () =>
        expect(problemOf(given))
          .to.match(/^invalid-settings: /)
          .and.include(message),
      )
  })

  it('does not mind the keys of a backend that is switched off', () => {
    expect(load({ yml: server('jdbc.enabled: false') }).warnings).to.deep.equal([])
  })
})
