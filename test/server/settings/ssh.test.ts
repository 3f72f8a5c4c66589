import { expect } from 'chai'
import { type Given, git, load, problemOf, server } from './input.js'

const PEM = '-----BEGIN OPENSSH PRIVATE KEY-----\nc3VwZXJzZWNyZXQ=\n-----END OPENSSH PRIVATE KEY-----'
const inYaml = JSON.stringify(PEM)

describe('loadSettings: ssh', () => {
  it("reads Spring's keys", () => {
    const lines = [
      'git.ignoreLocalSshSettings: true',
      `git.privateKey: ${inYaml}`,
      'git.passphrase: "open sesame"',
      'git.hostKey: AAAAC3NzaC1lZDI1NTE5',
      'git.hostKeyAlgorithm: ssh-ed25519',
      'git.knownHostsFile: file:///etc/hosts.known',
      'git.preferredAuthentications: publickey, password',
      'git.strictHostKeyChecking: false',
    ]
    expect(git(load({ yml: server(...lines) })).ssh).to.deep.equal({
      ignoreLocal: true,
      strictHostKeyChecking: false,
      privateKey: PEM,
      passphrase: 'open sesame',
      hostKey: { key: 'AAAAC3NzaC1lZDI1NTE5', algorithm: 'ssh-ed25519' },
      knownHostsFile: '/etc/hosts.known',
      preferredAuthentications: 'publickey,password',
    })
  })

  it("checks host keys and takes the user's own files where nothing else is said", () => {
    expect(git(load({ yml: server() })).ssh).to.deep.equal({ ignoreLocal: false, strictHostKeyChecking: true })
  })

  it('inherits them one by one in pattern repositories', () => {
    const lines = [
      `git.private-key: ${inYaml}`,
      'git.ignore-local-ssh-settings: true',
      'git.repos.one: git@host:one.git',
      'git.repos.two: {uri: "git@host:two.git", passphrase: p, ignore-local-ssh-settings: false}',
    ]
    const [one, two] = git(load({ yml: server(...lines) })).repos
    expect(one?.ssh).to.deep.equal({ ignoreLocal: true, strictHostKeyChecking: true, privateKey: PEM })
    expect(two?.ssh).to.deep.equal({ ignoreLocal: false, strictHostKeyChecking: true, privateKey: PEM, passphrase: 'p' })
  })

  const problems: readonly (readonly [string, string, string])[] = [
    ['a key that is none', 'git.private-key: supersecret', 'git.private-key: got no PEM text'],
    ['a key in one line', `git.private-key: "${PEM.replaceAll('\n', ' ')}"`, 'git.private-key: got no PEM text'],
    ['a host key without its algorithm', 'git.host-key: AAAA', 'host-key and host-key-algorithm need each other'],
    ['an algorithm without a key', 'git.host-key-algorithm: ssh-rsa', 'host-key and host-key-algorithm need each other'],
    ['an unknown algorithm', 'git.host-key-algorithm: rot13', 'expected one of ssh-dss, ssh-rsa'],
    ['a line of known hosts as a key', 'git.host-key: "host ssh-rsa AAAA"', 'expected base64 alone'],
    ['options among authentications', 'git.preferred-authentications: "-oProxyCommand=x"', 'expected names such as publickey,password'],
  ]
  for (const [name, line, words] of problems) {
    it(`refuses ${name}`, () => {
      const given: Given = { yml: server(line) }
      expect(problemOf(given)).to.contain(words).and.not.contain('supersecret')
    })
  }

  it('never prints keys and passphrases', () => {
    const yml = server(`git.private-key: ${inYaml}`, 'git.passphrase: supersecret')
    const shown = load({ yml }).provenance.map(({ key, value }) => `${key}=${value}`)
    expect(shown).to.include('spring.cloud.config.server.git.private-key=******')
    expect(shown.join('\n')).not.to.match(/c3VwZXJzZWNyZXQ|supersecret/)
  })

  it('names the engine of every repository', () => {
    expect(problemOf({ yml: `${server()}\ncarillon.git.engine: jgit` })).to.contain('got "jgit", expected one of auto, isomorphic, system')
    const { settings } = load({ yml: `${server('git.repos.one: /1')}\ncarillon.git.engine: SYSTEM` })
    const [main] = settings.backends
    expect(main?.type === 'git' && [main.engine, ...main.repos.map(({ engine }) => engine)]).to.deep.equal(['system', 'system'])
  })
})
