import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { SshSettings } from '../../../../server/src/settings/settings.js'
import { type GitTreeOptions, openGitTree } from '../../../../server/src/trees/git/index.js'
import { PASSPHRASE, type SshServer, useSsh } from '../../../tools/ssh-server.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'
import { processesWith } from './processes.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

let server: SshServer | undefined
before(async function () {
  server = await useSsh(this)
})
after(() => server?.close())

const running = (): SshServer => server as SshServer
/** Nothing of the machine's own ssh files; the host is known by its key. */
const given = (more: Partial<SshSettings> = {}): SshSettings => ({
  ignoreLocal: true,
  strictHostKeyChecking: true,
  hostKey: running().hostKey,
  privateKey: running().keys.plain,
  ...more,
})
const open = (uri: string, place: string, more: Partial<GitTreeOptions>) =>
  scratch.closing(openGitTree(gitOptions(uri, place, { timeout: 5, ssh: given(), ...more })))
const lastError = (tree: ReturnType<typeof openGitTree>) =>
  eventually(
    () => tree.status().lastError,
    (said) => said !== undefined,
  )

/** A folder for temporary files that nobody else uses, until the test ends. */
function useTemporary(): string {
  const { TMPDIR: before } = process.env
  const folder = scratch.folder()
  process.env.TMPDIR = folder
  const close = async () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  scratch.closing({ close })
  return folder
}

function setUp() {
  const folder = scratch.folder()
  const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
  return { folder, work, place: join(folder, 'data/clone'), url: `${running().url}${work}` }
}

describe('openGitTree, ssh', () => {
  const accepted: ReadonlyArray<readonly [string, () => SshSettings]> = [
    ['a key and the host key of the settings', () => given()],
    [
      'a key in Windows lines, without the last line end',
      () => given({ privateKey: running().keys.plain.trim().replaceAll('\n', '\r\n') }),
    ],
    ['a key with a passphrase', () => given({ privateKey: running().keys.guarded, passphrase: PASSPHRASE })],
    ['a file of known hosts', () => ({ ...without(given(), 'hostKey'), knownHostsFile: running().knownHostsFile })],
    ['any host, where keys are not checked', () => ({ ...without(given(), 'hostKey'), strictHostKeyChecking: false })],
    ['named authentications', () => given({ preferredAuthentications: 'publickey' })],
    ['the local files too, beside what is given', () => given({ ignoreLocal: false })],
  ]
  for (const [name, ssh] of accepted) {
    it(`clones with ${name}, and leaves no file behind`, async () => {
      const { url, place } = setUp()
      const folder = useTemporary()
      const tree = open(url, place, { ssh: ssh() })
      await whenReady(tree)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      await tree.close()
      expect(readdirSync(folder)).to.deep.equal([])
    })
  }

  const refused: ReadonlyArray<readonly [string, () => SshSettings, RegExp]> = [
    ['a key that the host does not know', () => given({ privateKey: running().keys.unknown }), /takes none of the keys.*Permission denied/],
    ['a wrong passphrase', () => given({ privateKey: running().keys.guarded, passphrase: 'close sesame' }), /takes none of the keys/],
    ['no passphrase', () => given({ privateKey: running().keys.guarded }), /takes none of the keys/],
    ['an unknown host', () => without(given(), 'hostKey'), /key is not known.*Host key verification failed/],
    [
      'another host key',
      () => given({ hostKey: { ...running().hostKey, key: running().hostKey.key.replace(/.{6}$/, 'AAAAAA') } }),
      /host/i,
    ],
  ]
  for (const [name, ssh, words] of refused) {
    it(`refuses ${name}, in words and without secrets`, async () => {
      const { url, place } = setUp()
      const tree = open(url, place, { ssh: ssh() })
      const said = await lastError(tree)
      expect(said).to.match(words)
      expect(said).not.to.match(/sesame|PRIVATE/)
    })
  }

  it('takes user@host:path, and the user from the settings', async () => {
    const { work, place, folder } = setUp()
    const { user, port } = running()
    const short = open(`${user}@[127.0.0.1:${port}]:${work}`, place, {})
    await whenReady(short)
    expect(await text(short, 'main', 'f.txt')).to.equal('one')
    commit(work, { 'f.txt': 'two' })
    await short.fetch(AbortSignal.timeout(10_000))
    expect(await text(short, 'main', 'f.txt')).to.equal('two')
    const named = open(`ssh://127.0.0.1:${port}${work}`, join(folder, 'data/named'), { username: user })
    await whenReady(named)
    expect(await text(named, 'main', 'f.txt')).to.equal('two')
  })

  it('gives up on a host that says nothing more, and leaves no process behind', async () => {
    const { url, place, work } = setUp()
    const tree = open(url, place, { ssh: given({ privateKey: running().keys.hanging }), timeout: 1 })
    expect(await lastError(tree)).to.contain('nothing came for 3 s')
    await tree.close()
    await eventually(
      () => processesWith(work),
      (found) => found.length === 0,
      2000,
    )
  })

  it('ends what runs when it is closed', async () => {
    const { url, place, work } = setUp()
    const tree = open(url, place, { ssh: given({ privateKey: running().keys.hanging }), timeout: 600 })
    await eventually(
      () => processesWith(work),
      (found) => found.some((line) => line.includes('ssh')),
    )
    await tree.close()
    await eventually(
      () => processesWith(work),
      (found) => found.length === 0,
    )
  })

  it('clones a repository with sha256 ids', async () => {
    const { folder, place } = setUp()
    git(folder, 'init', '-q', '--object-format=sha256', 'long')
    const id = commit(join(folder, 'long'), { 'f.txt': 'long' })
    const tree = open(`${running().url}${folder}/long`, place, {})
    expect(await whenReady(tree)).to.equal(id)
    expect(await text(tree, id.slice(0, 12), 'f.txt')).to.equal('long')
  })
})

function without<T extends object, Key extends keyof T>(thing: T, key: Key): Omit<T, Key> {
  const { [key]: _, ...rest } = thing
  return rest
}
