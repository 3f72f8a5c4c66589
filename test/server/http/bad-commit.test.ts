import { expect } from 'chai'
import { git } from '../trees/repositories.js'
import { type Answered, clearServing, type Serving, serve } from './serving.js'

const BAD = 'k: [1'

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

  it('is not served in any format; the commit before it is, whole, and says so', async () => {
    const { server, good, bad } = await broken()
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
    })
    expect(message).to.match(/^orders\.yml:1:6: expected ',' or '\]'/)
    expect(Date.parse(authored)).to.be.greaterThan(0)
    const lines = server.log.filter((line) => line.includes('orders.yml:1:6'))
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include(`who uses it is served from commit ${good.slice(0, 10)}`)
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
    expect(first.log.filter((line) => line.includes('there is no earlier commit to serve'))).to.have.length(1)
  })
})
