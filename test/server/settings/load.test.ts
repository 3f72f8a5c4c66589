import { expect } from 'chai'
import fc from 'fast-check'
import { ServerError } from '../../../server/src/errors.js'
import type { Settings } from '../../../server/src/settings/settings.js'
import { type Given, git, load, problemOf, server } from './input.js'

const GIT = 'SPRING_CLOUD_CONFIG_SERVER_GIT'
const uri = { [`${GIT}_URI`]: 'file:///repo' }

describe('loadSettings', () => {
  describe('takes values from each source', () => {
    const cases: readonly (readonly [string, Given, (settings: Settings) => unknown, unknown])[] = [
      ['defaults', { env: uri }, ({ server: { port } }) => port, 8888],
      ['a flag', { env: uri, flags: { 'server.port': '0' } }, (s) => s.server.port, 0],
      ['a variable', { env: { ...uri, SERVER_PORT: '9000' } }, (s) => s.server.port, 9000],
      ['SPRING_APPLICATION_JSON', { env: { ...uri, SPRING_APPLICATION_JSON: '{"server":{"port":9001}}' } }, (s) => s.server.port, 9001],
      [
        'dotted JSON keys',
        { env: { SPRING_APPLICATION_JSON: '{"spring.cloud.config.server.git.uri":"/r"}' } },
        (s) => s.backends.length,
        1,
      ],
      ['a YAML file', { yml: `server.port: 9002\n${server()}` }, (s) => s.server.port, 9002],
      ['a properties file', { env: uri, properties: 'server.port=9003' }, (s) => s.server.port, 9003],
      ['flag over variable', { env: { ...uri, SERVER_PORT: '1' }, flags: { 'server.port': '2' } }, (s) => s.server.port, 2],
      ['JSON over variable', { env: { ...uri, SERVER_PORT: '1', SPRING_APPLICATION_JSON: '{"server.port":3}' } }, (s) => s.server.port, 3],
      ['variable over file', { yml: `server.port: 1\n${server()}`, env: { SERVER_PORT: '2' } }, (s) => s.server.port, 2],
      ['an empty variable says nothing', { env: { ...uri, SERVER_PORT: '' } }, (s) => s.server.port, 8888],
      ['Carillon variables', { env: { ...uri, CARILLON_DATA_FOLDER: '/data' } }, (s) => s.dataFolder, '/data'],
      ['CARILLON_LOG_LEVEL in any case', { env: { ...uri, CARILLON_LOG_LEVEL: 'DEBUG' } }, (s) => s.log.level, 'debug'],
      ['prefix gets its slash', { yml: server('prefix: api/config/') }, (s) => s.prefix, '/api/config'],
      ['prefix of one slash is none', { yml: server('prefix: /') }, (s) => s.prefix, ''],
      ['YAML 1.1 truth', { yml: server('accept-empty: off') }, (s) => s.acceptEmpty, false],
      ['truth in a variable', { env: { ...uri, SPRING_CLOUD_CONFIG_SERVER_ACCEPT_EMPTY: 'no' } }, (s) => s.acceptEmpty, false],
      ['no user', { env: uri }, (s) => s.users, []],
      ['user', { env: { ...uri, SPRING_SECURITY_USER_PASSWORD: 's3' } }, (s) => s.users, [{ name: 'user', password: 's3' }]],
      ['{noop} password', { env: { ...uri, SPRING_SECURITY_USER_PASSWORD: '{noop}s3' } }, (s) => s.users[0]?.password, 's3'],
      ['exposure', { env: { ...uri, MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE: 'health, info' } }, (s) => s.exposure, ['health', 'info']],
      ['no exposure', { yml: `${server()}\nmanagement.endpoints.web.exposure.exclude: '*'` }, (s) => s.exposure, []],
    ]
    for (const [name, given, pick, wanted] of cases) it(name, () => expect(pick(load(given).settings)).to.deep.equal(wanted))
  })

  describe('knows relaxed names', () => {
    const cases: readonly (readonly [string, Given])[] = [
      ['kebab-case', { yml: server('git.search-paths: a, b') }],
      ['camelCase', { yml: server('git.searchPaths: a, b') }],
      ['snake_case', { yml: server('git.search_paths: [a, b]') }],
      ['capitals', { yml: server('GIT.SEARCHPATHS: "a,b"') }],
      ['brackets', { yml: server('git.search-paths[0]: a', 'git.search-paths[1]: b') }],
      ['variable', { env: { ...uri, [`${GIT}_SEARCHPATHS`]: 'a,b' } }],
      ['variable with dashes as _', { env: { ...uri, [`${GIT}_SEARCH_PATHS`]: 'a, b' } }],
      ['variable for each item', { env: { ...uri, [`${GIT}_SEARCHPATHS_0`]: 'a', [`${GIT}_SEARCHPATHS_1`]: 'b' } }],
      [
        'a variable replaces the whole list',
        { yml: server('git.search-paths: [x, y, z]'), env: { [`${GIT}_SEARCHPATHS_0`]: 'a', [`${GIT}_SEARCHPATHS_1`]: 'b' } },
      ],
      ['a text replaces the list of items', { yml: server('git.search-paths: [x, y, z]'), env: { [`${GIT}_SEARCHPATHS`]: 'a,b' } }],
    ]
    for (const [name, given] of cases) it(name, () => expect(git(load(given)).searchPaths).to.deep.equal(['a', 'b']))
  })

  describe('repos', () => {
    it('keeps names, order and patterns, and takes a text for the uri', () => {
      const { repos } = git(
        load({ yml: server('git.repos:', '  zed: /z', '  MyTeam:', '    uri: /m', '    pattern: a*/dev, b', '  "[with.dot]": /w') }),
      )
      expect(repos.map(({ name, uri: at, patterns }) => ({ name, at, patterns }))).to.deep.equal([
        { name: 'zed', at: '/z', patterns: ['zed'] },
        { name: 'MyTeam', at: '/m', patterns: ['a*/dev', 'b'] },
        { name: 'with.dot', at: '/w', patterns: ['with.dot'] },
      ])
    })

    it('takes variables for a repository of the file, in any spelling, and for a new one', () => {
      const env = { [`${GIT}_REPOS_MY_TEAM_USERNAME`]: 'kim', [`${GIT}_REPOS_NEW_URI`]: '/n' }
      const { repos } = git(load({ yml: server('git.repos.my-team.uri: /m'), env }))
      expect(repos.map(({ name, uri: at, username }) => [name, at, username])).to.deep.equal([
        ['my-team', '/m', 'kim'],
        ['new', '/n', undefined],
      ])
    })

    it('inherits what Spring lets it inherit, and nothing else', () => {
      const main = [
        'git.username: kim',
        'git.password: s3',
        'git.refresh-rate: 30',
        'git.skip-ssl-validation: true',
        'git.default-label: trunk',
        'git.search-paths: a',
        'git.clone-on-start: true',
      ]
      const [one, own] = git(
        load({ yml: server(...main, 'git.repos.one: /1', 'git.repos.own: {uri: /2, username: lee, refresh-rate: -1}') }),
      ).repos
      expect(one).to.include({
        username: 'kim',
        password: 's3',
        refreshRate: 30,
        skipSslValidation: true,
        defaultLabel: 'main',
        cloneOnStart: false,
      })
      expect(one?.searchPaths).to.deep.equal([])
      expect(own).to.include({ username: 'lee', refreshRate: -1 })
      expect(own).not.to.have.property('password')
    })
  })

  describe('overrides', () => {
    it('keep their keys and their order, and are texts', () => {
      const { overrides } = load({
        yml: server('overrides:', '  z.y: 1', '  aB_c: true', '  list: [x, y]', '  num: 1.0', '  __proto__: p'),
      }).settings
      expect([...overrides]).to.deep.equal([
        ['z.y', '1'],
        ['aB_c', 'true'],
        ['list.0', 'x'],
        ['list.1', 'y'],
        ['num', '1.0'],
        ['__proto__', 'p'],
      ])
    })

    it('keep escaped placeholders, and those that nothing resolves, for the clients', () => {
      const { overrides } = load({
        yml: server("overrides: {a: '\\${x}', b: '$\\{x}', c: '${x}', d: '${HOME}', e: '${x:y}'}"),
        env: { HOME: '/h' },
      }).settings
      expect([...overrides.values()]).to.deep.equal(['${x}', '${x}', '${x}', '/h', 'y'])
    })
  })

  describe('placeholders', () => {
    const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, string])[] = [
      ['a variable', '/a/${ROOT}/b', { ROOT: 'r' }, '/a/r/b'],
      ['a default', '/${ROOT:x}', {}, '/x'],
      ['a default with a placeholder', '/${ROOT:${OTHER:y}}', {}, '/y'],
      ['a nested key', '/${A${B}}', { B: '1', A1: 'z' }, '/z'],
      ['a value with a placeholder', '/${A}', { A: '${B}', B: 'b' }, '/b'],
      ['another setting', '/${server.port}', {}, '/81'],
      ['a key of the file', '/${my.root}', {}, '/mine'],
      ['a relaxed variable', '/${my-app.name}', { MYAPP_NAME: 'n' }, '/n'],
      ['a system property', '/${user.home}', { HOME: 'home' }, '/home'],
    ]
    for (const [name, text, env, wanted] of cases) {
      it(`resolves ${name}`, () => {
        const yml = `server.port: 81\nmy.root: mine\nspring.cloud.config.server.git:\n  uri: '${text}'\n  basedir: '\${my.root}'`
        expect(git(load({ yml, env })).uri).to.equal(wanted)
      })
    }

    it('names what nothing resolves, and what goes round in circles, with its place', () => {
      expect(problemOf({ yml: 'spring.cloud.config.server.git.uri: /${ROOT}' }))
        .to.include('carillon.yml:1:37')
        .and.include('${ROOT}')
      expect(problemOf({ env: { [`${GIT}_URI`]: '/${A}', A: '${B}', B: '${A}' } })).to.include('leads back to itself')
    })

    it('does not mind placeholders in values that lose', () => {
      expect(git(load({ yml: 'spring.cloud.config.server.git.uri: /${NOWHERE}', env: uri })).uri).to.equal('file:///repo')
    })
  })

  describe('documents of the file', () => {
    const yml = `${server()}\nserver.port: 1\n---\nspring.config.activate.on-profile: dev | qa\nserver.port: 2\n---\nspring.config.activate.on-profile: [never, default]\nserver.port: 3\n---\nspring.config.activate.on-cloud-platform: kubernetes\nserver.port: 4`
    const cases: readonly (readonly [string, Given, number])[] = [
      ['without profiles default is accepted', { yml }, 3],
      ['a variable names the profile', { yml, env: { SPRING_PROFILES_ACTIVE: 'qa' } }, 2],
      ['a flag names the profile', { yml, env: { SPRING_PROFILES_ACTIVE: 'default' }, flags: { 'spring.profiles.active': 'dev' } }, 2],
      ['the file names the profile', { yml: `spring.profiles.active: prod, dev\n${yml}` }, 2],
      ['no document applies', { yml, env: { SPRING_PROFILES_ACTIVE: 'prod' } }, 1],
    ]
    for (const [name, given, port] of cases) it(name, () => expect(load(given).settings.server.port).to.equal(port))
  })

  it('is deeply frozen', () => {
    const { settings } = load({ yml: server('overrides.a: b', 'git.repos.x: /x') })
    expect(
      [settings, settings.server, settings.backends, git(load({ env: uri })).searchPaths].every((part) => Object.isFrozen(part)),
    ).to.equal(true)
    expect(() => (settings.overrides as Map<string, string>).set('a', 'c')).to.throw('frozen')
  })

  it('throws nothing but ServerError, whatever the keys and values are', () => {
    const step = fc.oneof(
      fc.constantFrom(
        'spring',
        'cloud',
        'config',
        'server',
        'git',
        'repos',
        'composite',
        'uri',
        '0',
        '1',
        '__proto__',
        'constructor',
        'overrides',
        'carillon',
        'ssl',
      ),
      fc.string(),
    )
    const key = fc.oneof(
      fc.array(step, { maxLength: 8 }).map((steps) => steps.join('.')),
      fc.array(step, { maxLength: 4 }).map((steps) => `spring.cloud.config.server.${steps.join('.')}`),
    )
    const value = fc.oneof(fc.string(), fc.constantFrom('${a}', '${', '${a:${b', 'git', 'native', 'true', '1'))
    const entries = fc.array(fc.tuple(key, value), { maxLength: 8 })
    fc.assert(
      fc.property(entries, entries, (flags, env) => {
        try {
          load({
            flags: Object.fromEntries(flags),
            env: Object.fromEntries(env.map(([name, text]) => [name.toUpperCase().replaceAll('.', '_'), text])),
          })
        } catch (error) {
          if (!(error instanceof ServerError)) throw error
        }
      }),
      { numRuns: 500 },
    )
    expect({}).not.to.have.property('uri')
  })
})
