import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'
import { loadSettings, printSettings } from '../../../server/src/settings/load.js'
import { type Given, load, problemOf, server } from './input.js'

const SECRET = canary('setting')

const uri = { SPRING_CLOUD_CONFIG_SERVER_GIT_URI: 'file:///repo' }

describe('loadSettings: problems', () => {
  const cases: readonly (readonly [string, Given, string])[] = [
    [
      'a key with a slip',
      { yml: server('git.serach-paths: a') },
      'spring.cloud.config.server.git.serach-paths (carillon.yml:3:21) is not a known key; the nearest is spring.cloud.config.server.git.search-paths',
    ],
    ['a camelCase key with a slip', { yml: server('git.defaultLable: a') }, 'the nearest is spring.cloud.config.server.git.default-label'],
    [
      'a key below a value',
      { yml: server('git.basedir.x: a') },
      'git.basedir.x (carillon.yml:3:18) is not a known key; the nearest is spring.cloud.config.server.git.basedir',
    ],
    [
      'a key in a repository',
      { yml: server('git.repos.x: {uri: /x, patern: a}') },
      'the nearest is spring.cloud.config.server.git.repos.x.pattern',
    ],
    ['a key of the server', { yml: server('acept-empty: true') }, 'the nearest is spring.cloud.config.server.accept-empty'],
    [
      'a namespace with a slip',
      { yml: `${server()}\nspring.cloud.confg.server.prefix: /a` },
      'the nearest is spring.cloud.config.server.prefix',
    ],
    [
      'server.prot',
      { yml: `${server()}\nserver.prot: 80` },
      'server.prot (carillon.yml:3:14) is not a known key; the nearest is server.port',
    ],
    ['server.ssl keys', { yml: `${server()}\nserver.ssl.certifcate: 80` }, 'the nearest is server.ssl.certificate'],
    ['Carillon keys', { yml: `${server()}\ncarillon.datafolders: 80` }, 'the nearest is carillon.data-folder'],
    [
      'a variable',
      { env: { ...uri, SPRING_CLOUD_CONFIG_SERVER_GIT_URL: 'x' } },
      'SPRING_CLOUD_CONFIG_SERVER_GIT_URL (environment variable SPRING_CLOUD_CONFIG_SERVER_GIT_URL) is not a known key; the nearest is SPRING_CLOUD_CONFIG_SERVER_GIT_URI',
    ],
    ['a Carillon variable', { env: { ...uri, CARILLON_LOGLEVELS: 'x' } }, 'the nearest is CARILLON_LOG_LEVEL'],
    ['a key of nobody', { yml: `${server()}\nfoo.bar: 1` }, 'foo.bar (carillon.yml:3:10) is not a known key'],
    ['a flag', { env: uri, flags: { 'server.port': 'http' } }, 'server.port (--port): got "http", expected a whole number from 0 to 65535'],
    [
      'a port out of range',
      { env: { ...uri, SERVER_PORT: '65536' } },
      'server.port (environment variable SERVER_PORT): got 65536, expected a whole number from 0 to 65535',
    ],
    ['a truth value', { yml: server('accept-empty: maybe') }, 'got "maybe", expected true or false'],
    ['a choice', { env: { ...uri, CARILLON_LOG_LEVEL: 'loud' } }, 'got "loud", expected one of trace, debug, info, warn, error, silent'],
    ['a text for a map', { yml: 'spring.cloud.config.server.git: /repo' }, 'got "/repo", expected keys below it'],
    ['a list with a hole', { yml: server('git.search-paths[1]: a') }, 'search-paths[0] (carillon.yml:3:24): got nothing, expected a text'],
    ['an index out of reason', { yml: server('git.search-paths[99999999]: a') }, 'is not a known key'],
    ['JSON', { env: { SPRING_APPLICATION_JSON: `{"a": ${SECRET}}` } }, 'SPRING_APPLICATION_JSON: is not JSON'],
    ['a JSON list', { env: { SPRING_APPLICATION_JSON: '[1]' } }, 'expected a JSON object, got a list'],
    ['a document of old', { yml: `${server()}\nspring.profiles: dev` }, 'give spring.config.activate.on-profile'],
    [
      'a slip in a key of ciphers',
      { yml: `${server()}\nencrypt.kye: ${SECRET}` },
      'encrypt.kye (carillon.yml:3:14) is not a known key; the nearest is encrypt.key',
    ],
  ]
  for (const [name, given, message] of cases) {
    it(`names ${name}`, () => {
      const problem = problemOf(given)
      expect(problem)
        .to.match(/^invalid-settings: /)
        .and.include(message)
      expect(problem).not.to.include(SECRET)
    })
  }

  it('names all problems at once', () => {
    const problem = problemOf({ yml: `${server('git.timeout: long', 'git.uro: x', 'vault.host: h')}\nencrypt.salt: k` })
    expect(
      problem
        .split('\n')
        .slice(1)
        .map((line) => /^ {2}- ([\w.-]+)/.exec(line)?.[1]),
    ).to.have.members([
      'spring.cloud.config.server.vault.host',
      'spring.cloud.config.server.git.timeout',
      'spring.cloud.config.server.git.uro',
    ])
  })
})

describe('loadSettings: warnings', () => {
  const names = (given: Given): readonly string[] => load(given).warnings.map((warning) => warning.split(' ')[0] ?? '')

  const cases: readonly (readonly [string, string])[] = [
    ['health repositories', 'spring.cloud.config.server.health.repositories.a.name'],
    ['interval of the monitor', 'spring.cloud.config.server.monitor.fixed-delay'],
    ['bus', 'spring.cloud.bus.trace.enabled'],
    ['RabbitMQ', 'spring.rabbitmq.requested-heartbeat'],
    ['Kafka', 'spring.kafka.client-id'],
    ['Eureka', 'eureka.client.enabled'],
    ['logging', 'logging.level.root'],
    ['management', 'management.endpoint.health.show-details'],
    ['the group of the application', 'spring.application.group'],
    ['the servlet container', 'server.tomcat.threads.max'],
    ['debug', 'debug'],
  ]
  for (const [name, key] of cases) {
    it(`name ${name}`, () => expect(names({ yml: `${server('git.repos.x.uri: /x')}\n${key}: 1` })).to.deep.equal([key]))
  }

  it('are not for keys that always hold here, or that are off', () => {
    expect(names({ yml: server('git.force-pull: true', 'encrypt.enabled: false', 'native.fail-on-error: true') })).to.deep.equal([])
  })

  it('are not for variables of others, service links of Kubernetes included', () => {
    const links = {
      CARILLON_SERVICE_HOST: '10.0.0.1',
      CARILLON_PORT: 'tcp://10.0.0.1:8888',
      CARILLON_PORT_8888_TCP_ADDR: '10.0.0.1',
      SERVER_PORT: 'tcp://10.0.0.2:80',
    }
    const others = {
      DEBUG: '*',
      SERVER_SOFTWARE: 'x',
      SERVER_SSL_THING: 'x',
      LOGGING_LEVEL_ROOT: 'debug',
      SPRING_RABBITMQ_HOST: 'h',
      SERVER: 'x',
      PATH: '/bin',
      ENCRYPT_KEY: '',
    }
    expect(names({ env: { ...uri, ...links, ...others } })).to.deep.equal([])
  })
})

describe('printSettings', () => {
  const yml = `${server(`git.password: ${SECRET}`, `overrides: {db.password: ${SECRET}, colour: red}`, `git.repos.x: "https://kim:${SECRET}@host/x?token=${SECRET}"`)}\nspring.security.user.password: ${SECRET}`

  it('shows where each value comes from', () => {
    const { provenance } = load({ yml, env: { SERVER_ADDRESS: '127.0.0.1' }, flags: { 'server.port': '0' } })
    const sourceOf = (key: string): string | undefined => provenance.find((row) => row.key === key)?.source
    expect(sourceOf('server.port')).to.equal('--port')
    expect(sourceOf('server.address')).to.equal('environment variable SERVER_ADDRESS')
    expect(sourceOf('spring.cloud.config.server.git.uri')).to.equal('carillon.yml:2:12')
    expect(sourceOf('spring.cloud.config.server.git.timeout')).to.equal('default')
  })

  it('shows the label that the server pushes into the repository, with its source', () => {
    const { provenance } = load({ yml: server('default-label: next') })
    expect(provenance).to.deep.include({ key: 'spring.cloud.config.server.git.default-label', value: 'next', source: 'carillon.yml:3:18' })
  })

  it('aligns its columns and never shows a secret', () => {
    const table = printSettings(load({ yml }))
    expect(table).not.to.include(SECRET)
    expect(table).to.match(/repos\.x\.uri +https:\/\/\*{6}@host\/x\?\*{6} +carillon\.yml:5:16\n/)
    expect(table).to.match(/overrides\.colour +red /)
    expect(
      new Set(
        table
          .trimEnd()
          .split('\n')
          .map((line) => /^\S+ +/.exec(line)?.[0].length),
      ).size,
    ).to.equal(1)
  })
})

describe("Spring's own settings files", () => {
  const folder = new URL('./fixtures/', import.meta.url)
  for (const name of readdirSync(folder)) {
    const start = () =>
      loadSettings({
        file: { path: name, bytes: readFileSync(new URL(name, folder)) },
        env: { CONF_REPOS: '/repos', CONF_SECURE: '/secure' },
        flags: new Map(),
        probe: () => 'absent',
      })
    it(`${name} loads`, () => expect(start().settings.backends).not.to.have.length(0))
  }
})
