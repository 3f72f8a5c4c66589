import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openTransport } from '@carillon/bus'
import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'
import { createChangePath } from '../../../server/src/refresh/change-path.js'
import { createParsedFiles } from '../../../server/src/sources/parsed-files.js'
import { openGitTree } from '../../../server/src/trees/git/index.js'
import { type GitHttpServer, startGitHttp } from '../../tools/git-http.js'
import { clearServing, newFolder } from '../http/serving.js'
import { commit, eventually, type Files, git, gitOptions, makeRepository, write } from '../trees/repositories.js'
import { joinBus } from './ringing.js'
import { clearStages, type Stage, stage } from './staging.js'

const SECRET = canary('hook')

const FILES: Files = {
  'application.yml': 'shared: 1\n',
  'orders.yml': 'a: 1\n',
  'orders-prod.yml': 'p: 1\n',
  'shop.yml': 'a: 1\n',
  'notes.md': 'hello\n',
  'nginx.conf': 'listen 80;\n',
}

/** A repository that is served in place, by a server that has taken note of it. */
async function serveLocally(files: Files = FILES, lines: readonly string[] = []): Promise<Stage & { readonly repository: string }> {
  const repository = makeRepository(join(newFolder(), 'repo'), files)
  const settings = ['git:', `  uri: file://${repository}`, ...lines.map((line) => `  ${line}`)]
  const staged = await stage({ settings })
  await staged.decided(git(repository, 'rev-parse', 'HEAD'))
  return { ...staged, repository }
}

const toldOf = ({ member }: Pick<Stage, 'member'>): readonly string[] => member.heard.map(({ destination }) => destination).toSorted()

const remotes: GitHttpServer[] = []

/** A remote over HTTP with these repositories. */
async function serveRemotely(repositories: Readonly<Record<string, Files>>): Promise<GitHttpServer & { readonly root: string }> {
  const root = newFolder()
  for (const [name, files] of Object.entries(repositories)) makeRepository(join(root, name), files)
  const remote = await startGitHttp({ root })
  remotes.push(remote)
  return { ...remote, root }
}

const composite = { 'spring.profiles.active': 'composite' }
const never = ['  refresh-rate: -1', '  clone-on-start: true']

/** Not for the whole run: a hook outside of suites would be every suite's. */
const clear = async () => {
  await clearStages()
  await clearServing()
  for (const remote of remotes.splice(0)) await remote.close()
}

describe('createChangePath: whom a commit is announced to', () => {
  afterEach(clear)

  const rows: readonly (readonly [string, Files, readonly string[]])[] = [
    ['those whose file changed', { 'orders.yml': 'a: 2\n' }, ['orders:**']],
    ['those of a profile, and an application of that name', { 'orders-prod.yml': 'p: 2\n' }, ['orders-prod:**', 'orders:**']],
    ['all of a shared file', { 'application.yml': 'shared: 2\n' }, ['*:**']],
    ['each of several', { 'orders.yml': 'a: 2\n', 'shop.yml': 'a: 2\n' }, ['orders:**', 'shop:**']],
    ['nobody of a comment', { 'orders.yml': '# says nothing\na: 1\n' }, []],
    ['nobody of what nobody reads', { 'notes.md': 'bye\n' }, []],
    ['a name that holds colons', { 'a:b:c.yml': 'x: 1\n' }, ['a:b:c:**']],
  ]
  for (const [name, files, expected] of rows) {
    it(name, async () => {
      const staged = await serveLocally()
      await staged.decided(commit(staged.repository, files))
      await eventually(
        () => staged.member.heard.length,
        (count) => count >= expected.length,
      )
      expect(toldOf(staged)).to.deep.equal(expected)
    })
  }

  it('names the label, the commit and the profiles in our headers, and nothing of ours in the body', async () => {
    const staged = await serveLocally()
    const id = commit(staged.repository, { 'orders-prod.yml': 'p: 2\n' })
    await staged.member.destinations(2)
    const { event, info } = staged.member.heard.find(({ destination }) => destination === 'orders:**') ?? {}
    expect(info).to.deep.include({ label: 'main', commits: [id], profiles: ['prod'] })
    expect(event?.kind).to.equal('refresh')
  })

  it('can be read at the moment when it is heard', async () => {
    const repository = makeRepository(join(newFolder(), 'repo'), FILES)
    const answers: Promise<readonly [string, string]>[] = []
    const staged = await stage({
      settings: [`git.uri: file://${repository}`],
      onHeard: ({ info }, { ask }) =>
        answers.push(
          ask('/orders/default').then(({ text }) => [info.commits?.[0] ?? '', (JSON.parse(text) as { version: string }).version]),
        ),
    })
    await staged.decided(git(repository, 'rev-parse', 'HEAD'))
    for (let value = 2; value < 6; value++) {
      commit(repository, { 'orders.yml': `a: ${value}\n` })
      await staged.member.destinations(value - 1)
    }
    const pairs = await Promise.all(answers)
    expect(pairs.length).to.equal(4)
    for (const [told, read] of pairs) expect(read).to.equal(told)
  })

  it('those who move on from a bad commit, and the others when it is mended', async () => {
    const staged = await serveLocally()
    const bad = commit(staged.repository, { 'orders.yml': 'a: [', 'shop.yml': 'a: 2\n' })
    await staged.decided(bad)
    expect(await staged.member.destinations(1)).to.deep.equal(['shop:**'])
    const headersFor = async (application: string) => {
      const { status, headers } = await staged.ask(`/${application}/default`, { headers: { 'x-carillon-at-least': bad } })
      return [status, headers['x-carillon-commit'] === bad, headers['x-carillon-stale']]
    }
    expect(await headersFor('shop')).to.deep.equal([200, true, undefined])
    expect(await headersFor('orders')).to.deep.equal([200, false, bad])
    const later = commit(staged.repository, { 'orders-prod.yml': 'p: 2\n', 'shop.yml': 'a: 3\n' })
    await staged.decided(later)
    // An application that is called orders-prod does not read what is bad.
    expect(await staged.member.destinations(3)).to.deep.equal(['orders-prod:**', 'shop:**', 'shop:**'])
    const mended = commit(staged.repository, { 'orders.yml': 'a: 1\n' })
    await staged.decided(mended)
    expect(await staged.member.destinations(4)).to.deep.equal(['orders-prod:**', 'orders:**', 'shop:**', 'shop:**'])
    expect((await staged.ask('/orders/prod')).headers['x-carillon-commit']).to.equal(mended)
  })

  it('nobody of a bad commit that concerns all, before it is mended', async () => {
    const staged = await serveLocally()
    await staged.decided(commit(staged.repository, { 'application.yml': 'shared: [', 'orders.yml': 'a: 2\n' }))
    await staged.decided(commit(staged.repository, { 'shop.yml': 'a: 2\n' }))
    expect(staged.member.heard).to.deep.equal([])
    commit(staged.repository, { 'application.yml': 'shared: 1\n' })
    expect(await staged.member.destinations(1)).to.deep.equal(['*:**'])
  })

  it('those who were served a plain-text file, also before a restart', async () => {
    const staged = await serveLocally()
    await staged.ask('/shop/default/main/nginx.conf')
    await staged.decided(commit(staged.repository, { 'nginx.conf': 'listen 81;\n' }))
    expect(await staged.member.destinations(1)).to.deep.equal(['shop:**'])
    await staged.close()

    const again = await stage({ settings: [`git.uri: file://${staged.repository}`], folder: staged.folder })
    await again.decided(commit(staged.repository, { 'nginx.conf': 'listen 82;\n' }))
    expect(await again.member.destinations(1)).to.deep.equal(['shop:**'])
  })

  it('those who search a folder', async () => {
    const staged = await serveLocally({ 'orders/application.yml': 'a: 1\n', 'shop/shop.yml': 'a: 1\n' }, ["search-paths: '{application}'"])
    await staged.decided(commit(staged.repository, { 'orders/application.yml': 'a: 2\n' }))
    // An application's name may hold a slash.
    expect(await staged.member.destinations(2)).to.deep.equal(['orders/application:**', 'orders:**'])
  })

  it('every label that was asked for', async () => {
    const staged = await serveLocally()
    git(staged.repository, 'checkout', '-q', '-b', 'release')
    const first = commit(staged.repository, { 'orders.yml': 'a: 9\n' })
    await staged.ask('/orders/default/release')
    await staged.decided(first)
    await staged.decided(commit(staged.repository, { 'orders.yml': 'a: 10\n' }))
    expect(staged.member.heard.map(({ destination, info }) => `${destination} ${info.label}`)).to.deep.equal(['orders:** release'])
  })
})

describe('createChangePath: what becomes of history', () => {
  afterEach(clear)

  it('announces a force push, also where what was before is gone', async () => {
    const staged = await serveLocally()
    git(staged.repository, 'checkout', '-q', '--orphan', 'other')
    const id = commit(staged.repository, { 'orders.yml': 'a: 7\n' })
    git(staged.repository, 'branch', '-q', '-f', 'main', id)
    git(staged.repository, 'reflog', 'expire', '--expire=now', '--all')
    git(staged.repository, 'gc', '-q', '--prune=now')
    await staged.decided(id)
    expect((await staged.member.destinations(1)).every((destination) => ['orders:**', '*:**'].includes(destination))).to.equal(true)
  })

  it('announces a branch that is deleted and comes back changed, and says nothing in between', async () => {
    const staged = await serveLocally()
    git(staged.repository, 'checkout', '-q', '-b', 'release')
    await staged.ask('/orders/default/release')
    await staged.decided(git(staged.repository, 'rev-parse', 'HEAD'))
    await eventually(() => staged.log.some((line) => line.includes('release is')), Boolean)
    git(staged.repository, 'checkout', '-q', 'main')
    git(staged.repository, 'branch', '-q', '-D', 'release')
    await eventually(() => staged.log.some((line) => line.includes('release moved') && line.includes('to gone')), Boolean)
    expect(toldOf(staged)).to.deep.equal([])
    git(staged.repository, 'checkout', '-q', '-b', 'release')
    await staged.decided(commit(staged.repository, { 'shop.yml': 'a: 3\n' }))
    expect(await staged.member.destinations(1)).to.deep.equal(['shop:**'])
  })

  it('announces A, B and A again both ways where B was served', async () => {
    const staged = await serveLocally()
    const first = git(staged.repository, 'rev-parse', 'HEAD')
    await staged.decided(commit(staged.repository, { 'orders.yml': 'a: 2\n' }))
    await staged.member.destinations(1)
    git(staged.repository, 'reset', '-q', '--hard', first)
    expect(await staged.member.destinations(2)).to.deep.equal(['orders:**', 'orders:**'])
    expect(staged.member.heard.at(-1)?.info.commits).to.deep.equal([first])
  })

  it('announces at its start what changed while it was not there, once', async () => {
    const staged = await serveLocally()
    await staged.close()
    commit(staged.repository, { 'orders.yml': 'a: 2\n' })
    const newest = commit(staged.repository, { 'shop.yml': 'a: 2\n' })
    const again = await stage({ settings: [`git.uri: file://${staged.repository}`], folder: staged.folder })
    expect(await again.member.destinations(2)).to.deep.equal(['orders:**', 'shop:**'])
    expect(again.member.heard.map(({ info }) => info.commits)).to.deep.equal([[newest], [newest]])
    expect(again.log.filter((line) => line.includes('could not be'))).to.deep.equal([])
    await again.decided(newest)
    await again.close()
    const third = await stage({ settings: [`git.uri: file://${staged.repository}`], folder: staged.folder })
    await third.decided(commit(staged.repository, { 'orders.yml': 'a: 3\n' }))
    expect(await third.member.destinations(1)).to.deep.equal(['orders:**'])
  })

  it('announces after a restart that lost the clone, whatever label it was', async () => {
    const remote = await serveRemotely({ one: FILES })
    const work = join(remote.root, 'one')
    git(work, 'branch', '-q', 'release')
    const settings = ['git:', `  uri: ${remote.url}/one/.git`, '  clone-on-start: true']
    const staged = await stage({ settings })
    await staged.ask('/orders/default/release')
    await staged.decided('release')
    await staged.close()
    rmSync(join(staged.folder, 'data', 'repositories'), { recursive: true })
    git(work, 'checkout', '-q', 'release')
    commit(work, { 'orders.yml': 'a: 2\n' })
    const again = await stage({ settings: settings.slice(0, 2), folder: staged.folder })
    expect(await again.member.destinations(1)).to.deep.equal(['orders:**'])
  })

  it('tells a bus that comes late the newest state, once', async () => {
    const repository = makeRepository(join(newFolder(), 'repo'), FILES)
    const folder = newFolder()
    const lines: string[] = []
    const log = { info: (_: object, text: string) => void lines.push(text), warn: (_: object, text: string) => void lines.push(text) }
    const settings = { url: 'memory:late', destination: 'springCloudBus', application: 'server', ack: { enabled: true } }
    const changes = createChangePath({ dataFolder: folder, parsed: createParsedFiles(), log, bus: { settings, openTransport } })
    const tree = openGitTree({
      ...gitOptions(`file://${repository}`, folder),
      onMove: (label) => changes.moved('one', label),
    })
    changes.watch({ name: 'one', uri: `file://${repository}`, tree, searchPaths: [] })
    const moveTo = async (files: Files): Promise<string> => {
      const id = commit(repository, files)
      await eventually(
        () => tree.current('main'),
        (current) => current === id,
      )
      return id
    }
    await eventually(() => tree.current('main'), Boolean)
    await moveTo({ 'orders.yml': 'a: 2\n' })
    const newest = await moveTo({ 'orders.yml': 'a: 3\n' })
    const member = joinBus('memory:late')
    await member.joined
    changes.join(8888)
    expect(await member.destinations(1)).to.deep.equal(['orders:**'])
    expect(member.heard[0]?.info.commits).to.deep.equal([newest])
    expect(lines.filter((line) => line.includes('could not'))).to.deep.equal([])
    await changes.close()
    await tree.close()
    await member.close()
    expect(member.heard.length).to.equal(1)
  })
})

describe('createChangePath: several repositories', () => {
  afterEach(clear)

  it('looks after each of those that patterns choose, and of a composite', async () => {
    const folder = newFolder()
    const [one = '', two = ''] = ['one', 'two'].map((name) => makeRepository(join(folder, name), FILES))
    for (const settings of [
      ['git:', `  uri: file://${one}`, '  repos:', '    shop:', '      pattern: shop', `      uri: file://${two}`],
      ['composite:', '- type: git', `  uri: file://${one}`, '- type: git', `  uri: file://${two}`],
    ]) {
      const staged = await stage({ settings, flags: settings[0] === 'composite:' ? composite : {} })
      await staged.decided(git(one, 'rev-parse', 'HEAD'))
      await staged.decided(git(two, 'rev-parse', 'HEAD'))
      const value = `a: ${settings.length}${Math.random()}\n`
      await staged.decided(commit(one, { 'orders.yml': value }))
      await staged.member.destinations(1)
      await staged.decided(commit(two, { 'shop.yml': value }))
      expect(await staged.member.destinations(2)).to.deep.equal(['orders:**', 'shop:**'])
    }
  })

  it('goes on with a repository that had to make room and is opened again', async () => {
    const folder = newFolder()
    const data = newFolder()
    const repository = makeRepository(join(folder, 'repo'), FILES)
    const log = { info: () => undefined, warn: () => undefined }
    const settings = { url: 'memory:again', destination: 'springCloudBus', application: 'server', ack: { enabled: true } }
    const changes = createChangePath({ dataFolder: data, parsed: createParsedFiles(), log, bus: { settings, openTransport } })
    const member = joinBus('memory:again')
    await member.joined
    changes.join(8888)
    const open = async () => {
      const tree = openGitTree({ ...gitOptions(`file://${repository}`, data), onMove: (label) => changes.moved('one', label) })
      changes.watch({ name: 'one', uri: `file://${repository}`, tree, searchPaths: [] })
      await eventually(() => tree.current('main'), Boolean)
      return tree
    }
    for (let value = 2; value < 5; value++) {
      const tree = await open()
      commit(repository, { 'orders.yml': `a: ${value}\n` })
      await eventually(
        () => tree.current('main'),
        (id) => id === git(repository, 'rev-parse', 'HEAD'),
      )
      await member.destinations(value - 1)
      changes.forget('one')
      await tree.close()
    }
    await changes.close()
    await member.close()
    expect(member.heard.length).to.equal(3)
  })
})

describe('createChangePath: hints', () => {
  afterEach(clear)

  const push = (url: string): string => JSON.stringify({ ref: 'refs/heads/main', after: 'a'.repeat(40), repository: { clone_url: url } })

  it('looks at the repository that a signed webhook names, and at no other', async () => {
    const remote = await serveRemotely({ one: FILES, two: FILES })
    const staged = await stage({
      settings: ['composite:', ...['one', 'two'].flatMap((name) => ['- type: git', `  uri: ${remote.url}/${name}/.git`, ...never])],
      flags: { ...composite, 'carillon.webhooks.secrets': SECRET },
    })
    for (const name of ['one', 'two']) await staged.decided(git(join(remote.root, name), 'rev-parse', 'HEAD'))
    const body = push(`${remote.url}/one/.git`)
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    }
    const deliver = async (more: Readonly<Record<string, string>>): Promise<number> =>
      (await staged.ask('/webhooks/github', { method: 'POST', headers: { ...headers, ...more }, body })).status
    // Nothing is announced before the look at everything that comes with the bus.
    commit(join(remote.root, 'one'), { 'orders.yml': 'a: 2\n' })
    expect(await deliver({ 'x-github-delivery': 'd-1' })).to.be.lessThan(300)
    expect(await staged.member.destinations(1)).to.deep.equal(['orders:**'])
    const before = remote.requests.length
    commit(join(remote.root, 'one'), { 'orders.yml': 'a: 3\n' })
    commit(join(remote.root, 'two'), { 'shop.yml': 'a: 2\n' })
    expect(await deliver({ 'x-github-delivery': 'd-2', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })).to.equal(401)
    expect(await deliver({ 'x-github-delivery': 'd-2' })).to.be.lessThan(300)
    expect(await staged.member.destinations(2)).to.deep.equal(['orders:**', 'orders:**'])
    expect(remote.requests.slice(before).filter(({ url }) => url.startsWith('/two'))).to.deep.equal([])
  })

  it('fetches and then announces what the path form of /monitor names', async () => {
    const remote = await serveRemotely({ one: FILES })
    const read: Promise<string>[] = []
    const staged = await stage({
      settings: ['git:', `  uri: ${remote.url}/one/.git`, ...never],
      onHeard: ({ destination }, { ask }) => {
        if (destination === 'billing:**') read.push(ask('/orders/default').then(({ text }) => text))
      },
    })
    await staged.decided(git(join(remote.root, 'one'), 'rev-parse', 'HEAD'))
    const id = commit(join(remote.root, 'one'), { 'orders.yml': 'a: 2\n' })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await staged.ask('/monitor', { method: 'POST', headers, body: 'path=billing' })
    expect(await staged.member.destinations(2)).to.deep.equal(['billing:**', 'orders:**'])
    expect(await Promise.all(read)).to.satisfy(([text]: readonly string[]) => text?.includes(id))
  })

  it('fetches what another server announces: it learns of commits through the bus alone', async () => {
    const remote = await serveRemotely({ one: FILES, two: FILES })
    const uri = `${remote.url}/one/.git`
    const second = await stage({
      settings: ['composite:', '- type: git', `  uri: ${uri}`, ...never, '- type: git', `  uri: ${remote.url}/two/.git`, ...never],
      flags: composite,
    })
    const first = await stage({ settings: ['git:', `  uri: ${uri}`, '  clone-on-start: true', '  refresh-rate: 1'], bus: second.bus })
    await second.decided(git(join(remote.root, 'one'), 'rev-parse', 'HEAD'))
    await first.decided(git(join(remote.root, 'one'), 'rev-parse', 'HEAD'))
    for (const files of [{ 'orders.yml': 'a: 2\n' }, { 'orders.yml': 'a: 3\n' }]) {
      const id = commit(join(remote.root, 'one'), files)
      await eventually(
        async () => (await second.ask('/orders/default')).headers['x-carillon-commit'],
        (ids) => String(ids).includes(id),
        8_000,
      )
    }
    git(join(remote.root, 'one'), 'reset', '-q', '--hard', 'HEAD~1')
    const back = git(join(remote.root, 'one'), 'rev-parse', 'HEAD')
    await eventually(
      async () => (await second.ask('/orders/default')).headers['x-carillon-commit'],
      (ids) => String(ids).includes(back),
      8_000,
    )
  })
})

describe('createChangePath: traces', () => {
  afterEach(clear)

  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const traceparent = `00-${traceId}-00f067aa0ba902b7-00`
  const tracesOf = ({ member }: Stage) => member.heard.map(({ info }) => info.trace)

  /** A server looks once more when its bus is there. That look is over when what a request says behind it is told: no commit from now on is its find. */
  const atRest = async ({ ask, log, member }: Stage): Promise<void> => {
    await eventually(() => log.some((line) => line.startsWith('The bus is connected')), Boolean)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    await ask('/monitor', { method: 'POST', headers: form, body: 'path=nobody' })
    await member.destinations(1)
  }

  it('announces a commit in a trace of its own, with a span for each event, and logs it', async () => {
    const staged = await serveLocally()
    await staged.decided(commit(staged.repository, { 'orders.yml': 'a: 2\n', 'shop.yml': 'a: 2\n' }))
    await staged.member.destinations(2)
    const [one, two] = tracesOf(staged)
    expect(one?.traceId).to.equal(two?.traceId)
    expect(one?.spanId).not.to.equal(two?.spanId)
    expect(staged.log.find((line) => line.startsWith('Announced'))).to.contain(`"trace":"${one?.traceId}"`)
    await staged.decided(commit(staged.repository, { 'orders.yml': 'a: 3\n' }))
    await staged.member.destinations(3)
    expect(tracesOf(staged)[2]?.traceId).not.to.equal(one?.traceId)
  })

  it('goes on with the trace of the request that made it look or tell, and ends with it', async () => {
    const remote = await serveRemotely({ one: FILES })
    const uri = `${remote.url}/one/.git`
    const staged = await stage({ settings: ['git:', `  uri: ${uri}`, ...never] })
    await staged.decided(git(join(remote.root, 'one'), 'rev-parse', 'HEAD'))
    await atRest(staged)
    const push = (headers: Readonly<Record<string, string>> = {}) =>
      staged.ask('/webhooks/generic', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' })
    commit(join(remote.root, 'one'), { 'orders.yml': 'a: 2\n' })
    await push({ traceparent, tracestate: 'a=b' })
    await staged.member.destinations(2)
    const form = { 'content-type': 'application/x-www-form-urlencoded', traceparent }
    await staged.ask('/monitor', { method: 'POST', headers: form, body: 'path=billing' })
    await staged.member.destinations(3)
    commit(join(remote.root, 'one'), { 'orders.yml': 'a: 3\n' })
    await push()
    await staged.member.destinations(4)
    const [, hook, monitor, own] = tracesOf(staged)
    expect(hook).to.deep.include({ traceId, sampled: 'no', state: 'a=b' })
    expect(monitor).to.deep.include({ traceId, sampled: 'no' })
    expect(own).to.include({ sampled: 'yes' })
    expect(own?.traceId).not.to.equal(traceId)
    expect(new Set(['00f067aa0ba902b7', hook?.spanId, monitor?.spanId, own?.spanId]).size).to.equal(4)
  })
})

describe('createChangePath: native folders', () => {
  afterEach(clear)

  it('tells everybody that something changed, once it is at rest, and after a restart', async () => {
    const native = newFolder()
    write(native, { 'orders.yml': 'a: 1\n' })
    const settings = ['native:', `  search-locations: file:${native}`]
    const staged = await stage({ settings, flags: { 'spring.profiles.active': 'native' } })
    await eventually(() => staged.decided('""').then(() => true), Boolean)
    write(native, { 'orders.yml': 'a: 22\n' })
    expect(await staged.member.destinations(1)).to.deep.equal(['*:**'])
    expect(Object.keys(staged.member.heard[0]?.info ?? {})).to.deep.equal(['trace'])
    expect((await staged.ask('/orders/default')).text).to.contain('22')
    await staged.close()
    write(native, { 'orders.yml': 'a: 333\n' })
    const again = await stage({ settings, folder: staged.folder, flags: { 'spring.profiles.active': 'native' } })
    expect(await again.member.destinations(1)).to.deep.equal(['*:**'])
  })
})

describe('createChangePath: without a bus', () => {
  afterEach(clear)

  it('reads no record and writes none, but a hint makes a repository look', async () => {
    const folder = newFolder()
    const remote = await serveRemotely({ one: FILES })
    write(folder, { 'announced/one.json': 'no record' })
    const lines: string[] = []
    const log = { info: (_: object, text: string) => void lines.push(text), warn: (_: object, text: string) => void lines.push(text) }
    const changes = createChangePath({ dataFolder: folder, parsed: createParsedFiles(), log })
    const uri = `${remote.url}/one/.git`
    const options = { ...gitOptions(uri, join(folder, 'clone')), refreshRate: -1 }
    const tree = openGitTree({ ...options, onMove: (label) => changes.moved('one', label) })
    changes.watch({ name: 'one', uri, tree, searchPaths: [] })
    changes.join(8888)
    await eventually(() => tree.current('main'), Boolean)
    const id = commit(join(remote.root, 'one'), { 'orders.yml': 'a: 2\n' })
    changes.hint({ kind: 'look', names: [], repository: uri })
    await eventually(
      () => tree.current('main'),
      (current) => current === id,
    )
    await changes.close()
    await tree.close()
    expect(lines).to.deep.equal([])
    expect(readFileSync(join(folder, 'announced/one.json'), 'utf8')).to.equal('no record')
  })
})

describe('createChangePath: health', () => {
  afterEach(clear)

  it('shows the bus, and goes on serving without one', async () => {
    const repository = makeRepository(join(newFolder(), 'repo'), FILES)
    const settings = [`git.uri: file://${repository}`]
    const there = await stage({ settings })
    const away = await stage({ settings, flags: { 'carillon.bus.url': `amqp://carillon:${SECRET}@127.0.0.1:1` } })
    const logged = await eventually(() => away.log.find((line) => line.startsWith('Cannot connect')), Boolean)
    const error = 'Cannot connect to RabbitMQ at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1'
    expect(logged?.startsWith(`${error}. Reads go on. Commits that cannot be announced now are kept, and announced once`)).to.equal(true)
    for (const [staged, details] of [
      [there, { state: 'connected' }],
      [away, { state: 'connecting', error }],
    ] as const) {
      const { status, text } = await staged.ask('/actuator/health')
      expect([status, JSON.parse(text).components.bus]).to.deep.equal([200, { status: 'UP', details }])
      expect((await staged.ask('/orders/default')).status).to.equal(200)
    }
    expect(away.log.join('\n')).not.to.contain(SECRET)
  })
})

describe('createChangePath: closing', () => {
  afterEach(clear)

  it('lets the process end, while the broker is away too', function () {
    this.timeout(30_000)
    const folder = newFolder()
    const repository = makeRepository(join(folder, 'repo'), FILES)
    const script = `
      import { startServer } from ${JSON.stringify(new URL('../../../server/src/server.ts', import.meta.url).href)}
      import { loadSettings } from ${JSON.stringify(new URL('../../../server/src/settings/load.ts', import.meta.url).href)}
      for (const bus of ['amqp://127.0.0.1:1', 'kafka://127.0.0.1:1', 'memory:x']) {
        const yml = 'spring.cloud.config.server.git.uri: file://${repository}\\nserver.port: 0\\ncarillon.bus.url: ' + bus
        const env = { CARILLON_DATA_FOLDER: ${JSON.stringify(join(folder, 'data'))} }
        const { settings } = loadSettings({ file: { path: 's.yml', bytes: Buffer.from(yml) }, env, flags: new Map(), probe: () => 'absent' })
        const say = () => undefined
        const server = await startServer({ settings, log: { info: say, warn: say, error: say }, workingFolder: ${JSON.stringify(folder)} })
        await fetch(server.url + '/shop/default', { headers: { connection: 'close' } }).then((answer) => answer.text())
        await server.close()
      }
      console.log('closed')`.replaceAll('\\\\n', '\\n')
    const args = ['--import', 'tsx/esm', '--conditions', '@carillon/source', '--input-type', 'module', '--eval', script]
    const root = new URL('../../../', import.meta.url)
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 25_000 })
    expect({ status, stdout: stdout.trim() }, stderr).to.deep.equal({ status: 0, stdout: 'closed' })
  })

  it('leaves nothing undone that a start could not make good, in the middle of everything', async () => {
    const rejections: unknown[] = []
    const onRejection = (error: unknown): unknown => rejections.push(error)
    process.on('unhandledRejection', onRejection)
    try {
      const remote = await serveRemotely({ one: FILES })
      const settings = ['git:', `  uri: ${remote.url}/one/.git`, '  clone-on-start: true']
      const staged = await stage({ settings })
      await staged.decided(git(join(remote.root, 'one'), 'rev-parse', 'HEAD'))
      const id = commit(join(remote.root, 'one'), { 'orders.yml': 'a: 2\n' })
      remote.behave({ kind: 'hang' })
      for (let hint = 0; hint < 3; hint++)
        await staged.ask('/monitor', {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'path=shop',
        })
      await staged.close()
      remote.behave({ kind: 'serve' })
      const again = await stage({ settings, folder: staged.folder })
      await again.decided(id)
      expect(await again.member.destinations(1)).to.deep.equal(['orders:**'])
      await new Promise((resolve) => setImmediate(resolve))
      expect(rejections).to.deep.equal([])
    } finally {
      process.off('unhandledRejection', onRejection)
    }
  })

  it('refuses an address that is none of a bus, and listens no more', async () => {
    const repository = makeRepository(join(newFolder(), 'repo'), FILES)
    const error = await stage({ settings: [`git.uri: file://${repository}`], flags: { 'carillon.bus.url': 'carrier-pigeon:x' } }).catch(
      (failure: unknown) => failure,
    )
    expect(error).to.have.property('code', 'invalid-settings')
  })
})
