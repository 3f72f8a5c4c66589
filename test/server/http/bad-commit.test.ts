import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { startGitHttp } from '../../tools/git-http.js'
import { commit, eventually, git, makeRepository } from '../trees/repositories.js'
import { type Answered, ask, clearServing, newFolder, type Serving, serve, start } from './serving.js'

const BAD = 'k: [1'
const ENGINES = ['isomorphic', 'system'] as const

/** The commits in the answer's headers, by the names that the test gave them. */
const commitsIn = ({ headers }: Answered): readonly unknown[] => [headers['x-carillon-commit'], headers['x-carillon-stale']]

describe('a bad commit', () => {
  afterEach(clearServing)

  interface Broken {
    readonly server: Serving
    readonly good: string
    readonly bad: string
  }

  /** `orders` and `billing` at a good commit, and one after it in which `orders.yml` cannot be read and all else is changed. */
  const broken = async (options: Parameters<typeof serve>[0] = {}): Promise<Broken> => {
    const files = { 'application.yml': 'shared: one', 'orders.yml': 'k: 1', 'billing.yml': 'k: 2', 'n.conf': 'shared is ${shared}' }
    const server = await serve({ files, ...options })
    const good = git(server.repository, 'rev-parse', 'HEAD')
    await server.ask('/orders/dev')
    const bad = server.commit({ 'application.yml': 'shared: two', 'orders.yml': BAD, 'n.conf': 'now ${shared}' })
    await server.seen(bad)
    return { server, good, bad }
  }

  for (const engine of ENGINES) {
    it(`is not served in any format; the commit before it is, whole, and says so: engine ${engine}`, async () => {
      const { server, good, bad } = await broken({ flags: { 'carillon.git.engine': engine } })
      for (const [target, expected] of [
        ['/orders/dev', '"k":1'],
        ['/orders/dev/main', '"shared":"one"'],
        ['/orders-dev.yml', 'shared: one\nk: 1\n'],
        ['/orders-dev.properties', 'shared: one\nk: 1'],
        ['/orders-dev.json', '{"shared":"one","k":1}'],
        ['/orders/dev/main/n.conf', 'shared is one'],
      ] as const) {
        for (const attempt of ['made', 'finished']) {
          const answer = await server.ask(target)
          expect(answer.text, `${attempt} ${target}`).to.include(expected)
          expect([answer.status, answer.headers['x-carillon-stale']], `${attempt} ${target}`).to.deep.equal([200, bad])
        }
      }
      const bytes = await server.ask('/orders/dev/main/n.conf', { headers: { accept: 'application/octet-stream' } })
      expect([bytes.text, bytes.headers['x-carillon-stale']]).to.deep.equal(['shared is ${shared}', bad])
      const json = await server.ask('/orders/dev')
      expect([JSON.parse(json.text).version, ...commitsIn(json)]).to.deep.equal([good, good, bad])
    })
  }

  it('shows in a plain-text file whose values come from another repository of a composite', async () => {
    const folder = newFolder()
    makeRepository(join(folder, 'files'), { 'v.conf': 'v is ${v}', 'plain.conf': 'no value' })
    const values = makeRepository(join(folder, 'values'), { 'application.yml': 'v: 1' })
    const bad = commit(values, { 'application.yml': BAD })
    const members = ['files', 'values'].map((name) => `{type: git, uri: "file://${folder}/${name}"}`).join(', ')
    const server = await start(`spring: {profiles.active: composite, cloud.config.server.composite: [${members}]}`, folder)
    const answers = await Promise.all(['v', 'plain'].map((name) => ask(Number(new URL(server.url).port), `/orders/dev/main/${name}.conf`)))
    expect(answers.map(({ text, headers }) => [text, headers['x-carillon-stale']])).to.deep.equal([
      ['v is 1', bad],
      ['no value', undefined],
    ])
    await server.close()
  })

  it('is served to those whom the file does not concern', async () => {
    const { server, bad } = await broken()
    const answer = await server.ask('/billing/dev')
    expect([...commitsIn(answer), answer.text.includes('"shared":"two"')]).to.deep.equal([bad, undefined, true])
  })

  it('changes neither the validators nor the digest, and is named on a 304', async () => {
    const server = await serve({ files: { 'orders.yml': 'k: 1' } })
    const { etag, 'x-carillon-digest': digest } = (await server.ask('/orders/dev')).headers
    const bad = server.commit({ 'orders.yml': BAD })
    await server.seen(bad)
    for (const target of ['/orders/dev', '/orders/dev']) {
      const answer = await server.ask(target, { headers: { 'if-none-match': String(etag) } })
      expect([answer.status, answer.headers['x-carillon-stale'], answer.headers['x-carillon-digest']]).to.deep.equal([304, bad, digest])
    }
  })

  it('is reached by who asks for it at least: there is no waiting for what will not come', async () => {
    const { server, good, bad } = await broken()
    for (const attempt of ['made', 'finished']) {
      const answer = await server.ask('/orders/dev', { headers: { 'x-carillon-at-least': bad } })
      expect([answer.status, ...commitsIn(answer)], attempt).to.deep.equal([200, good, bad])
    }
  })

  it('is told by health with file, line, what was expected and whose commit it is, and logged once, until it is mended', async () => {
    const { server, good, bad } = await broken()
    expect(JSON.parse((await server.ask('/actuator/health')).text).components).not.to.have.property('badFiles')
    for (const target of ['/orders/dev', '/orders/prod', '/orders-dev.yml', '/orders/dev']) await server.ask(target)
    const health = await server.ask('/actuator/health')
    const { badFiles } = JSON.parse(health.text).components
    expect([health.status, badFiles.status, badFiles.details.files.length]).to.deep.equal([200, 'UP', 1])
    const { message, authored, ...facts } = badFiles.details.files[0]
    expect(facts).to.deep.equal({
      repository: `file://${server.repository}`,
      label: 'main',
      file: 'orders.yml',
      line: 1,
      column: 6,
      commit: bad,
      author: 'a',
      served: good,
      since: { commit: bad, author: 'a', authored },
    })
    expect(message).to.match(/^orders\.yml:1:6: expected ',' or '\]'/)
    expect(Date.parse(authored)).to.be.greaterThan(0)
    const lines = server.log.filter((line) => line.includes('orders.yml:1:6'))
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include(`who uses it is served from commit ${good.slice(0, 10)}`)
    const later = server.commit({ 'application.yml': 'shared: three' })
    await server.seen(later)
    await server.ask('/orders/dev')
    expect(
      server.log.filter((line) => line.includes('orders.yml:1:6') && line.includes(`bad since commit ${bad.slice(0, 10)} by a, `)),
    ).to.have.length(1)
    await server.seen(server.commit({ 'orders.yml': 'k: 3' }))
    expect(JSON.parse((await server.ask('/actuator/health')).text).components).not.to.have.property('badFiles')
    const mended = await server.ask('/orders/dev')
    expect([mended.text.includes('"k":3'), mended.headers['x-carillon-stale']]).to.deep.equal([true, undefined])
  })

  it('is 500 with file and line where nothing before it can be read, and where compatibility is strict', async () => {
    const first = await serve({ files: { 'orders.yml': BAD, 'n.conf': 'n' } })
    const strict = await broken({ flags: { 'carillon.strict-compat': 'true' } })
    for (const server of [first, strict.server]) {
      for (const target of ['/orders/dev', '/orders-dev.yml', '/orders/dev/main/n.conf']) {
        const { status, text } = await server.ask(target)
        const { code, file, line } = JSON.parse(text)
        expect([status, code, file, line], target).to.deep.equal([500, 'unreadable-file', 'orders.yml', 1])
      }
      expect((await server.ask('/orders/dev/main/n.conf', { headers: { accept: 'application/octet-stream' } })).status).to.equal(200)
    }
    expect(first.log.filter((line) => line.includes('no earlier commit was found to serve'))).to.have.length(1)
  })

  describe('of a remote repository, pushed by force over all that was good', () => {
    const stops: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const stop of stops.splice(0).reverse()) await stop()
    })

    /** A remote, and a server of it that may be started again over the same data. */
    const remote = async (engine: (typeof ENGINES)[number] = 'isomorphic') => {
      const folder = newFolder()
      const work = makeRepository(join(folder, 'srv/work'), { 'orders.yml': 'k: 1', 'n.conf': 'one' })
      const host = await startGitHttp({ root: join(folder, 'srv') })
      stops.push(() => host.close())
      const begin = async () => {
        const yml = `spring.cloud.config.server.git: {uri: "${host.url}/work/.git", refresh-rate: 1, clone-on-start: true}`
        const server = await start(yml, folder, { 'carillon.git.engine': engine })
        stops.push(server.close)
        return { server, ask: (target: string) => ask(Number(new URL(server.url).port), target) }
      }
      return { folder, work, host, begin }
    }
    const pushOver = (work: string): string => {
      git(work, 'checkout', '-q', '--orphan', 'other')
      const bad = commit(work, { 'orders.yml': BAD, 'n.conf': 'two' })
      git(work, 'branch', '-f', 'main', bad)
      return bad
    }
    const clonesIn = (folder: string) =>
      readdirSync(join(folder, 'data/repositories')).map((name) => join(folder, 'data/repositories', name))

    for (const engine of ENGINES) {
      it(`is answered with what was served last, also after a restart, and after somebody tidied the clone up: engine ${engine}`, async () => {
        const { folder, work, begin } = await remote(engine)
        const good = git(work, 'rev-parse', 'HEAD')
        const first = await begin()
        expect((await first.ask('/orders/dev')).headers['x-carillon-commit']).to.equal(good)
        const bad = pushOver(work)
        const answer = await eventually(
          () => first.ask('/orders/dev'),
          ({ headers }) => headers['x-carillon-stale'] !== undefined,
        )
        expect([answer.status, ...commitsIn(answer)]).to.deep.equal([200, good, bad])
        await first.server.close()
        const [clone = ''] = clonesIn(folder)
        expect(git(clone, 'for-each-ref', '--format=%(refname)')).to.include(`refs/carillon/good/${good}`)
        git(clone, 'gc', '-q', '--prune=now')
        const second = await begin()
        for (const target of ['/orders/dev', '/orders/dev/main/n.conf']) {
          const again = await second.ask(target)
          expect([again.status, again.headers['x-carillon-stale']], target).to.deep.equal([200, bad])
        }
        expect((await second.ask('/orders/dev/main/n.conf')).text).to.equal('one')
        expect((await second.ask('/billing/dev')).headers['x-carillon-commit']).to.equal(bad)
      })
    }

    it('is 500 with file and line for whom nothing was ever served, and mended by the next push', async () => {
      const { work, begin } = await remote()
      const { ask: asked } = await begin()
      const bad = pushOver(work)
      await eventually(
        () => asked('/billing/dev'),
        ({ headers }) => headers['x-carillon-commit'] === bad,
      )
      const answer = await asked('/orders/dev')
      expect([answer.status, JSON.parse(answer.text).file, JSON.parse(answer.text).line]).to.deep.equal([500, 'orders.yml', 1])
      const mended = commit(work, { 'orders.yml': 'k: 2' })
      git(work, 'branch', '-f', 'main', mended)
      await eventually(
        () => asked('/orders/dev'),
        ({ headers }) => headers['x-carillon-commit'] === mended,
      )
    })
  })
})
