import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { openClonedTree } from '../../../../server/src/trees/git/cloned.js'
import type { Engine } from '../../../../server/src/trees/git/engine.js'
import { type GitTreeOptions, openGitTree } from '../../../../server/src/trees/git/index.js'
import { isomorphic } from '../../../../server/src/trees/git/isomorphic/index.js'
import { makeAuthority } from '../../../tools/certificates.js'
import { type GitHttpOptions, startGitHttp } from '../../../tools/git-http.js'
import { commit, eventually, git, gitOptions, makeRepository, makeScratch, text, whenReady } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const soon = () => AbortSignal.timeout(5000)
const codeOf = (work: Promise<unknown>) => work.then(String, ({ code }: { code: string | number }) => code)

function makeCertificates(folder: string): { readonly ca: string; readonly key: string; readonly cert: string } {
  const authority = makeAuthority(folder, 'ca')
  const { key, certificate } = authority.issue('server', ['IP:127.0.0.1'])
  return { ca: authority.certificate, key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') }
}

for (const engine of ['isomorphic', 'system'] as const) {
  /** A repository `work` with `f.txt`, served at `url`. */
  async function setUp(more: Partial<GitHttpOptions> = {}) {
    const folder = scratch.folder()
    const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
    const server = scratch.closing(await startGitHttp({ root: join(folder, 'srv'), ...more }))
    const url = `${server.url}/work/.git`
    const place = join(folder, 'data/clone')
    const open = (options: Partial<GitTreeOptions> = {}, uri = url) =>
      scratch.closing(openGitTree(gitOptions(uri, place, { engine, ...options })))
    return { folder, work, server, url, place, open }
  }

  describe(`openGitTree, engine ${engine}, cloning`, () => {
    it('is not ready while it clones, and leaves a bare clone that git accepts', async () => {
      const { open, place, work } = await setUp()
      const tree = open()
      expect(await codeOf(tree.snapshot('main'))).to.equal('not-ready')
      expect(tree.status().state).to.equal('cloning')
      expect(await whenReady(tree)).to.equal(git(work, 'rev-parse', 'HEAD'))
      expect(tree.status()).to.include({ state: 'ready' })
      expect(git(place, 'fsck', '--full')).to.equal('')
      expect(git(place, 'rev-parse', 'refs/remotes/origin/main')).to.equal(git(work, 'rev-parse', 'HEAD'))
      expect(git(place, 'symbolic-ref', 'HEAD')).to.equal('refs/heads/main')
      expect(readdirSync(join(place, '..'))).to.deep.equal(['clone'])
    })

    it('serves the clone of the last start while the remote is away, and catches up when it is back', async () => {
      const { open, server, work } = await setUp()
      const first = open()
      await whenReady(first)
      await first.close()
      server.behave({ kind: 'status', status: 500 })
      const tree = open({ refreshRate: 1 })
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      const error = await eventually(
        () => tree.status().lastError,
        (said) => said !== undefined,
      )
      expect(error).to.contain('500')
      const two = commit(work, { 'f.txt': 'two' })
      server.behave({ kind: 'serve' })
      await eventually(
        () => tree.current('main'),
        (id) => id === two,
        3000,
      )
      expect(tree.status().lastError).to.equal(undefined)
    })

    it('says no-such-repository after a clone that failed, and tries again', async () => {
      const { open, server } = await setUp()
      server.behave({ kind: 'break' })
      const tree = open()
      await eventually(
        () => tree.status().state,
        (state) => state === 'failed',
      )
      expect(await codeOf(tree.snapshot('main'))).to.equal('no-such-repository')
      server.behave({ kind: 'serve' })
      await eventually(
        () => tree.status().state,
        (state) => state === 'ready',
      )
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
    })

    it('makes a damaged clone anew', async () => {
      const { open, place } = await setUp()
      const first = open()
      await whenReady(first)
      await first.close()
      const pack = readdirSync(join(place, 'objects/pack')).find((name) => name.endsWith('.pack')) ?? ''
      rmSync(join(place, 'objects/pack', pack))
      const tree = open()
      await whenReady(tree)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      expect(git(place, 'fsck', '--full')).to.equal('')
    })

    it('serves the rest of a repository that has a commit too large to be read, and says so to who asks for that', async () => {
      const { open, work, folder } = await setUp()
      const push = (branch: string): void => {
        writeFileSync(join(folder, 'message'), branch.padEnd(33 * 1024 * 1024, 'x'))
        git(work, 'branch', branch, git(work, 'commit-tree', '-F', join(folder, 'message'), '-p', 'main', 'main^{tree}'))
      }
      push('huge')
      const troubles: string[] = []
      const tree = open({ onTrouble: ({ message }) => troubles.push(message) })
      await whenReady(tree)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      expect(await codeOf(text(tree, 'huge', 'f.txt'))).to.equal('too-large')
      push('later')
      const two = commit(work, { 'f.txt': 'two' })
      await tree.fetch(soon())
      expect(tree.current('main')).to.equal(two)
      expect(await codeOf(text(tree, 'later', 'f.txt'))).to.equal('too-large')
      await tree.close()
      const again = open({ onTrouble: ({ message }) => troubles.push(message) })
      expect(await text(again, 'main', 'f.txt')).to.equal('two')
      expect(troubles).to.deep.equal([])
    })

    it('leaves a folder alone that it did not make', async () => {
      const { open, place } = await setUp()
      mkdirSync(place, { recursive: true })
      writeFileSync(join(place, 'precious'), 'x')
      const tree = open()
      await eventually(
        () => tree.status().state,
        (state) => state === 'failed',
      )
      expect(tree.status().lastError).to.contain('left alone')
      expect(readdirSync(place)).to.deep.equal(['precious'])
    })

    it('#1168: removes what a clone that was killed left behind', async () => {
      const { open, place } = await setUp()
      mkdirSync(`${place}.new-4194304-x/objects`, { recursive: true })
      await whenReady(open())
      expect(readdirSync(join(place, '..'))).to.deep.equal(['clone'])
    })

    it('clones a repository without commits, and one whose HEAD names no branch', async () => {
      const { open, work, folder, server } = await setUp()
      git(join(folder, 'srv'), 'init', '-q', '--bare', 'empty.git')
      const empty = scratch.closing(
        openGitTree(gitOptions(`${server.url}/empty.git`, join(folder, 'data/empty'), { engine, refreshRate: 1 })),
      )
      expect(await whenReady(empty)).to.equal(undefined)
      git(join(folder, 'srv/empty.git'), 'symbolic-ref', 'HEAD', 'refs/heads/unborn')
      git(work, 'push', '-q', '../empty.git', 'main')
      await empty.fetch(soon())
      expect(await text(empty, 'main', 'f.txt')).to.equal('one')
      expect(await empty.snapshot('HEAD')).to.equal(undefined)
      const tree = open()
      await whenReady(tree)
      expect((await tree.snapshot('HEAD'))?.id).to.equal(git(work, 'rev-parse', 'HEAD'))
    })
  })

  describe(`openGitTree, engine ${engine}, fetching`, () => {
    it('serves a detached HEAD whose commit is on no branch, at the start and after it moved', async () => {
      const { open, work, place } = await setUp()
      const detach = (message: string): string => {
        const id = git(work, 'commit-tree', '-m', message, '-p', 'main', 'main^{tree}')
        git(work, 'update-ref', '--no-deref', 'HEAD', id)
        return id
      }
      const first = detach('x')
      const told: string[] = []
      const tree = open({ onTrouble: ({ message }) => told.push(message) })
      await whenReady(tree)
      expect((await tree.snapshot('HEAD'))?.id).to.equal(first)
      expect(await text(tree, 'HEAD', 'f.txt')).to.equal('one')
      const second = detach('y')
      await tree.fetch(soon())
      expect(tree.current('HEAD')).to.equal(second)
      expect(await text(tree, 'HEAD', 'f.txt')).to.equal('one')
      expect(told).to.deep.equal([])
      expect(git(place, 'fsck', '--full', '--no-dangling')).to.equal('')
    })

    it('follows commits, force pushes, new and moved tags; gone branches stay unless they are to be deleted', async () => {
      for (const [deleteUntrackedBranches, gone] of [
        [false, 'one'],
        [true, undefined],
      ] as const) {
        const { open, work } = await setUp()
        git(work, 'branch', 'side')
        git(work, 'tag', '-a', 'moving', '-m', 'x')
        git(work, 'branch', 'both')
        git(work, 'tag', 'both')
        const tree = open({ deleteUntrackedBranches })
        await whenReady(tree)
        expect(await text(tree, 'moving', 'f.txt')).to.equal('one')
        expect(await text(tree, 'side', 'f.txt')).to.equal('one')
        commit(work, { 'f.txt': 'two' })
        git(work, 'branch', '-D', 'side')
        git(work, 'branch', 'side/below')
        git(work, 'tag', '-f', '-a', 'moving', '-m', 'y')
        git(work, 'tag', 'new')
        git(work, 'branch', '-f', 'both')
        await tree.fetch(soon())
        const kept = gone === undefined ? [] : ['side']
        expect(await tree.labels()).to.have.members(['main', 'side/below', 'both', 'moving', 'new', ...kept])
        const texts = ['main', 'moving', 'new', 'side/below', 'both', 'side'].map((label) => text(tree, label, 'f.txt'))
        expect(await Promise.all(texts)).to.deep.equal(['two', 'two', 'two', 'two', 'two', gone])
        git(work, 'reset', '-q', '--hard', 'HEAD~1')
        commit(work, { 'f.txt': 'another two' })
        await tree.fetch(soon())
        expect(await text(tree, 'main', 'f.txt')).to.equal('another two')
        await scratch.clear()
      }
    })

    it('brings in what came and no more, however many branches stand before it', async () => {
      const { open, work, place } = await setUp()
      const branches = Array.from({ length: 1100 }, (_, index) => {
        return `commit refs/heads/feature/${index}\ncommitter a <a@b> ${1_700_000_000 + index} +0000\ndata 1\n${index % 10}\nfrom refs/heads/main^0\n`
      })
      execFileSync('git', ['fast-import', '--quiet'], { cwd: work, input: branches.join('') })
      commit(work, Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.txt`, `${index}`])))
      const tree = open()
      await whenReady(tree)
      const packed = () => Number(/in-pack: (\d+)/.exec(git(place, 'count-objects', '-v'))?.[1])
      const before = packed()
      commit(work, { 'f.txt': 'two' })
      await tree.fetch(AbortSignal.timeout(20_000))
      expect(await text(tree, 'main', 'f.txt')).to.equal('two')
      expect(packed() - before).to.be.within(3, 5)
    })

    it('tells each move of a label once', async () => {
      const { open, work } = await setUp()
      const one = git(work, 'rev-parse', 'HEAD')
      const moves: string[] = []
      const tree = open({ onMove: (label, from, to) => moves.push(`${label} ${from} ${to}`) })
      await whenReady(tree)
      await tree.fetch(soon())
      const two = commit(work, { 'f.txt': 'two' })
      await tree.fetch(soon())
      expect(moves).to.deep.equal([`main undefined ${one}`, `main ${one} ${two}`])
    })

    it('notices a push by itself within the refresh rate', async () => {
      const { open, work } = await setUp()
      const tree = open({ refreshRate: 1 })
      await whenReady(tree)
      const two = commit(work, { 'f.txt': 'two' })
      await eventually(
        () => tree.current('main'),
        (id) => id === two,
        2500,
      )
    })

    it('never asks by itself where the refresh rate is negative', async () => {
      const { open, server, work } = await setUp()
      const tree = open({ refreshRate: -1 })
      await whenReady(tree)
      const asked = server.requests.length
      git(work, 'branch', 'later')
      expect(await tree.snapshot('later')).to.equal(undefined)
      tree.current('main')
      expect(server.requests.length).to.equal(asked)
    })

    it('asks once for a label never seen, for all who wait, and remembers a miss', async () => {
      const { open, server, work } = await setUp()
      const tree = open({ refreshRate: 3600 })
      await whenReady(tree)
      git(work, 'branch', 'later')
      const before = server.requests.length
      const ids = await Promise.all(Array.from({ length: 20 }, () => tree.snapshot('later')))
      expect(new Set(ids.map((found) => found?.id))).to.deep.equal(new Set([git(work, 'rev-parse', 'HEAD')]))
      // The newer protocol greets first.
      const look = engine === 'system' ? 2 : 1
      expect(server.requests.length - before).to.equal(look)
      for (let index = 0; index < 50; index += 1) expect(await tree.snapshot(`made-up-${index}`)).to.equal(undefined)
      expect(server.requests.length - before).to.be.lessThan(4 * look)
    })

    it('serves while a fetch hangs, gives up waiting for an unknown label, and fails the fetch', async () => {
      const { open, server } = await setUp()
      const tree = open({ refreshRate: 3600, timeout: 1 })
      await whenReady(tree)
      server.behave({ kind: 'hang' })
      const fetched = codeOf(tree.fetch(soon()))
      await eventually(server.pending, (count) => count === 1)
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
      expect(await tree.snapshot('unknown')).to.equal(undefined)
      expect(await fetched).to.equal('repository-failed')
      expect(tree.status()).to.include({ state: 'ready' })
      expect(await text(tree, 'main', 'f.txt')).to.equal('one')
    })

    for (const kind of ['break', 'drip', 'garbage'] as const) {
      it(`keeps what it has where the remote does this: ${kind}`, async () => {
        const { open, server, work } = await setUp()
        const tree = open({ timeout: 1 })
        await whenReady(tree)
        const two = commit(work, { 'f.txt': 'two' })
        server.behave({ kind })
        const outcome = await codeOf(tree.fetch(AbortSignal.timeout(1500)))
        expect(outcome).to.be.oneOf(['repository-failed', DOMException.TIMEOUT_ERR])
        expect(await text(tree, 'main', 'f.txt')).to.equal('one')
        server.behave({ kind: 'serve' })
        if (kind === 'drip') return
        await tree.fetch(soon())
        expect(tree.current('main')).to.equal(two)
      })
    }

    it('#700: makes the clone again when its folder was emptied', async () => {
      const { open, place, work } = await setUp()
      const tree = open()
      await whenReady(tree)
      rmSync(place, { recursive: true })
      commit(work, { 'f.txt': 'two' })
      await tree.fetch(soon())
      expect(await text(tree, 'main', 'f.txt')).to.equal('two')
    })

    it('closes in the middle of a fetch', async () => {
      const { open, server } = await setUp()
      server.behave({ kind: 'hang' })
      const tree = open({ timeout: 60 })
      await eventually(server.pending, (count) => count === 1)
      await tree.close()
      await eventually(server.pending, (count) => count === 0)
    })
  })

  describe(`openGitTree, engine ${engine}, credentials`, () => {
    const user = { name: 'bob', password: 'p@ss:wörd' }

    it('takes them from the settings or the URL, and shows them nowhere', async () => {
      const { server, place, folder } = await setUp({ user })
      const inUrl = `http://bob:${encodeURIComponent(user.password)}@127.0.0.1:${server.port}/work/.git`
      for (const [uri, options] of [
        [inUrl, {}],
        [`${server.url}/work/.git`, { username: 'bob', password: user.password }],
      ] as const) {
        const tree = scratch.closing(openGitTree(gitOptions(uri, place, { engine, ...options })))
        await whenReady(tree)
        expect(await text(tree, 'main', 'f.txt')).to.equal('one')
        expect(readFileSync(join(place, 'config'), 'utf8')).not.to.match(/bob|p@ss|p%40ss/)
        await tree.close()
        rmSync(join(folder, 'data'), { recursive: true })
      }
    })

    it('says 401 without repeating the password', async () => {
      const { open } = await setUp({ user })
      const said: string[] = []
      open({ username: 'bob', password: 'wrong-secret', onTrouble: ({ message }) => said.push(message) })
      await eventually(
        () => said.length,
        (count) => count > 0,
      )
      expect(said.join()).to.contain('check the username and password').and.not.contain('wrong-secret')
    })

    it('does not carry them to another host', async () => {
      const { open, server, folder } = await setUp()
      const other = scratch.closing(await startGitHttp({ root: join(folder, 'srv') }))
      server.behave({ kind: 'redirect', to: other.url })
      const tree = open({ username: 'bob', password: 'secret' })
      expect(await whenReady(tree)).to.be.a('string')
      // The system's git waits to be asked.
      if (engine === 'isomorphic') expect(server.requests.every(({ authorization }) => authorization !== undefined)).to.equal(true)
      expect(other.requests.length).to.be.greaterThan(1)
      expect(other.requests.every(({ authorization }) => authorization === undefined)).to.equal(true)
    })
  })

  describe(`openGitTree, engine ${engine}, TLS and proxies`, () => {
    it('trusts a private authority that is named, refuses it otherwise, unless validation is off', async () => {
      const { ca, key, cert } = makeCertificates(scratch.folder())
      const { open } = await setUp({ tls: { key, cert } })
      const refused = open()
      const said = await eventually(
        () => refused.status().lastError,
        (error) => error !== undefined,
      )
      expect(said).to.match(/certificate/)
      for (const options of [{ trustCertificate: ca }, { skipSslValidation: true }]) {
        const tree = open(options)
        await whenReady(tree)
        expect(await text(tree, 'main', 'f.txt')).to.equal('one')
        await tree.close()
      }
    })

    it('goes through the proxy of the scheme, with its credentials, but not for excepted hosts', async () => {
      const { ca, key, cert } = makeCertificates(scratch.folder())
      const plain = await setUp()
      const secure = await setUp({ tls: { key, cert } })
      const proxy = scratch.closing(await startProxy())
      const settings = { host: '127.0.0.1', port: proxy.port, username: 'u', password: 'pw', nonProxyHosts: ['*.example.org'] }
      await whenReady(plain.open({ proxy: { http: settings } }))
      await whenReady(secure.open({ proxy: { https: settings }, trustCertificate: ca }))
      const expected = [`GET ${plain.server.port}`, `POST ${plain.server.port}`, `CONNECT ${secure.server.port}`]
      expect([...new Set(proxy.seen)]).to.deep.equal(expected)
      const seen = proxy.seen.length
      const direct = await setUp()
      await whenReady(direct.open({ proxy: { http: { ...settings, nonProxyHosts: ['127.0.*'] } } }))
      expect(proxy.seen).to.have.length(seen)
    })
  })
}

/** A proxy that wants `u:pw`, for both ways of asking one. */
async function startProxy() {
  const seen: string[] = []
  const allowed = (header: string | undefined) => header === `Basic ${Buffer.from('u:pw').toString('base64')}`
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '')
    seen.push(`${request.method} ${url.port}`)
    if (!allowed(request.headers['proxy-authorization'])) return void response.writeHead(407).end()
    request.pipe(
      httpRequest(url, { method: request.method ?? 'GET', headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      }),
    )
  })
  server.on('connect', (request, socket) => {
    const [host = '', port = ''] = (request.url ?? '').split(':')
    seen.push(`CONNECT ${port}`)
    if (!allowed(request.headers['proxy-authorization'])) return void socket.end('HTTP/1.1 407 no\r\n\r\n')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 ok\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    server.close()
  }
  return { seen, port: (server.address() as AddressInfo).port, close }
}

describe('openClonedTree, where a tag could not be read once', () => {
  it('looks it up again at the next look, whether or not there is something new', async () => {
    const folder = scratch.folder()
    const work = makeRepository(join(folder, 'srv/work'), { 'f.txt': 'one' })
    git(work, 'tag', '-a', 'v1', '-m', 'x')
    const { url, close } = await startGitHttp({ root: join(folder, 'srv') })
    scratch.closing({ close })
    let failing = ''
    let whole = 0
    const engine: Engine = {
      ...isomorphic,
      openObjects: async (place) => {
        const objects = await isomorphic.openObjects(place)
        const find: typeof objects.find = async (id) => {
          if (id === failing && --whole < 0) throw new Error('too many open files')
          return objects.find(id)
        }
        return { ...objects, find }
      },
    }
    const tree = scratch.closing(openClonedTree(gitOptions(`${url}/work/.git`, join(folder, 'clone'), {}), engine))
    await whenReady(tree)
    expect(await text(tree, 'v1', 'f.txt')).to.equal('one')
    const next = commit(work, { 'f.txt': 'two' })
    git(work, 'tag', '-f', '-a', 'v1', '-m', 'y')
    failing = git(work, 'rev-parse', 'v1')
    // What was sent is checked before it is served.
    whole = 1
    await tree.fetch(soon())
    expect(tree.current('v1')).not.to.equal(next)
    failing = ''
    await tree.fetch(soon())
    expect(tree.current('v1')).to.equal(next)
  })
})
