import { expect } from 'chai'
import { git } from '../trees/repositories.js'
import { clearServing, type Serving, serve } from './serving.js'

const basic = (text: string): { authorization: string } => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const problem = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>

describe('createApp: problems', () => {
  let server: Serving
  before(async () => {
    server = await serve({
      files: {
        'shop.yml': 'a: 1\n',
        'broken.yml': 'a: 1\nb:\n  - c: [1\n',
        'legacy.yml': 'a: 1\nspring.profiles: x\n',
        'circle-dev.yml': 'a: ${b}\nb: ${a}\n',
        'key.yml': '"a..b": 1\n',
      },
    })
  })
  after(clearServing)

  const rows: readonly (readonly [string, string, number, string])[] = [
    ['GET', '/shop/a..b,-x', 400, 'invalid-request'],
    ['GET', '/sh%23op/dev', 400, 'invalid-request'],
    ['GET', '/shop/dev/a..b', 400, 'invalid-request'],
    ['GET', '/sh*p/dev', 400, 'invalid-request'],
    ['GET', '/shop/a%2Fb', 400, 'invalid-request'],
    ['GET', '/shop-dev.yml?resolvePlaceholders=maybe', 400, 'invalid-request'],
    ['GET', '/circle-dev.yml', 400, 'circular-placeholder'],
    ['GET', '/key-dev.json', 400, 'invalid-key'],
    ['GET', '/shop', 404, 'not-found'],
    ['GET', '/', 404, 'not-found'],
    ['GET', '/shop/dev/nowhere', 404, 'no-such-label'],
    ['GET', '/shop/dev/main/no.txt', 404, 'not-found'],
    ['GET', '/shop/dev/main/.git/config', 404, 'not-found'],
    ['GET', '/actuator/env', 404, 'not-found'],
    ['POST', '/shop/dev', 405, 'method-not-allowed'],
    ['DELETE', '/shop-dev.yml', 405, 'method-not-allowed'],
    ['PROPFIND', '/shop/dev/main/x.txt', 405, 'method-not-allowed'],
    ['GET', '/broken/dev', 500, 'unreadable-file'],
    ['GET', '/legacy/dev', 500, 'illegal-property'],
  ]
  for (const [method, target, status, code] of rows) {
    it(`answers ${method} ${target} with ${status} and ${code}, in Spring's shape`, async () => {
      const answer = await server.ask(target, { method })
      const body = problem(answer.text)
      expect([answer.status, body.status, body.code]).to.deep.equal([status, status, code])
      expect(answer.headers['content-type']).to.equal('application/json')
      expect(body).to.include.all.keys('timestamp', 'error', 'path', 'message')
      expect(body.path).to.equal(target.split('?')[0])
      expect(new Date(String(body.timestamp)).toISOString()).to.equal(body.timestamp)
    })
  }

  it('says where: file, line and column', async () => {
    expect(problem((await server.ask('/broken/dev')).text)).to.include({ file: 'broken.yml', line: 4 })
    expect(problem((await server.ask('/legacy/dev')).text)).to.include({ file: 'legacy.yml', line: 2 })
  })

  it('says which commit, whose and of when, in the answer and in the log', async () => {
    const body = problem((await server.ask('/broken/dev')).text)
    const commit = git(server.repository, 'rev-parse', 'HEAD')
    expect(body).to.include({ commit, author: 'a' })
    expect(body.message).to.match(/got the end of the file \(as of commit [0-9a-f]{10} by a, 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\)$/)
    expect(body.message).to.include(commit.slice(0, 10)).and.to.include(String(body.authored))
    expect(server.log.find((line) => line.startsWith(String(body.message)))).to.include(commit)
  })

  it('answers 406 for what an environment cannot be, as a problem', async () => {
    const answer = await server.ask('/shop/dev', { headers: { accept: 'text/html' } })
    expect([answer.status, problem(answer.text).code]).to.deep.equal([406, 'not-acceptable'])
  })

  it('tells the methods', async () => {
    expect((await server.ask('/shop/dev', { method: 'POST' })).headers.allow).to.equal('GET,HEAD,OPTIONS')
    const options = await server.ask('/shop/dev', { method: 'OPTIONS' })
    expect([options.status, options.headers.allow, options.text]).to.deep.equal([200, 'GET,HEAD,OPTIONS', ''])
  })

  it('goes on serving what is not broken, after all of these', async () => {
    expect((await server.ask('/shop/dev')).status).to.equal(200)
  })
})

describe('createApp: access', () => {
  const flags = {
    'spring.security.user.name': 'ada',
    'spring.security.user.password': 'pä:ss',
    'management.endpoints.web.exposure.include': '*',
    'server.address': '127.0.0.1',
  }
  let server: Serving
  before(async () => {
    server = await serve({ files: { 'shop.yml': 'a: 1\n', 'n.txt': 'n' }, flags })
  })
  after(clearServing)

  it('never serves a finished answer without credentials', async () => {
    for (const target of ['/shop/dev', '/shop-dev.yml', '/shop/dev/main/n.txt', '/actuator/prometheus']) {
      for (const way of ['first', 'again']) {
        expect((await server.ask(target, { headers: basic('ada:pä:ss') })).status, way).to.equal(200)
        for (const headers of [
          {},
          basic('ada:wrong'),
          basic('ada'),
          basic(''),
          { authorization: 'Basic' },
          { authorization: 'Bearer x' },
        ]) {
          for (const method of ['GET', 'HEAD']) {
            const answer = await server.ask(target, { method, headers: { ...headers, 'if-none-match': '*' } })
            expect([answer.status, answer.headers['www-authenticate']], way).to.deep.equal([401, 'Basic realm="carillon", charset="UTF-8"'])
          }
        }
      }
    }
  })

  it('does not say without credentials what exists', async () => {
    for (const target of ['/shop/dev/nowhere', '/nothing', '/actuator/env', '/actuator', '/shop/-x'])
      expect((await server.ask(target)).status, target).to.equal(401)
    for (const method of ['POST', 'OPTIONS', 'TRACE']) expect((await server.ask('/shop/dev', { method })).status, method).to.equal(401)
  })

  it('leaves health open, without details', async () => {
    for (const target of ['/actuator/health', '/actuator/health/liveness', '/actuator/health/readiness']) {
      const open = await server.ask(target)
      expect([open.status, problem(open.text).status, problem(open.text).components]).to.deep.equal([200, 'UP', undefined])
      expect(problem((await server.ask(target, { headers: basic('ada:pä:ss') })).text)).to.have.property('components')
    }
    expect((await server.ask('/actuator/health/git')).status).to.equal(404)
    expect((await server.ask('/actuator/health/git', { headers: basic('ada:pä:ss') })).status).to.equal(200)
    expect((await server.ask('/actuator/health/toString', { headers: basic('ada:pä:ss') })).status).to.equal(404)
  })

  const counted = async (...metrics: readonly string[]): Promise<number> => {
    const { text } = await server.ask('/actuator/prometheus', { headers: basic('ada:pä:ss') })
    const wanted = metrics.flatMap((metric) => [200, 304].map((status) => `${metric}{route="environment",status="${status}"} `))
    const rows = text.split('\n').filter((line) => wanted.some((start) => line.startsWith(start)))
    return rows.reduce((sum, row) => sum + Number(row.split(' ').at(-1)), 0)
  }

  it('counts what it answered on both ways', async () => {
    const both = ['http_server_request_duration_seconds_count', 'carillon_finished_answers_total']
    const before = await counted(...both)
    for (let round = 0; round < 3; round++) await server.ask('/counted/dev', { headers: basic('ada:pä:ss') })
    await server.ask('/counted/dev', { headers: { ...basic('ada:pä:ss'), 'if-none-match': '*' } })
    expect(await counted(...both)).to.equal(before + 4)
  })

  it('has one finished answer for those who name its commit and those who name none, not for who names another', async () => {
    const asking = async (target: string, commits?: string): Promise<number> => {
      const before = await counted('carillon_finished_answers_total')
      const headers = { ...basic('ada:pä:ss'), ...(commits === undefined ? {} : { 'x-carillon-at-least': commits }) }
      await server.ask(target, { headers })
      return (await counted('carillon_finished_answers_total')) - before
    }
    const { headers } = await server.ask('/named/dev', { headers: basic('ada:pä:ss') })
    const commit = String(headers['x-carillon-commit'])
    expect(await asking('/named/dev', commit)).to.equal(1)
    expect(await asking('/named/dev', `${commit}, ${commit}`)).to.equal(1)
    expect(await asking('/named/dev', `${commit},${'f'.repeat(40)}`)).to.equal(0)
    expect(await asking('/named/qa', commit)).to.equal(0)
    expect(await asking('/named/qa')).to.equal(1)
  })
})

describe('createApp: labels and prefixes', () => {
  afterEach(clearServing)

  it('#94, #154, #264, #652, #997, #998: takes a branch with a slash as (_) and as %2F, a tag with dots, a commit and a part of one', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: 1\n', 'n.txt': 'one' } })
    const first = git(server.repository, 'rev-parse', 'HEAD')
    git(server.repository, 'tag', 'v1')
    git(server.repository, 'tag', 'release-1.0.2')
    git(server.repository, 'checkout', '-q', '-b', 'feature/x')
    const second = server.commit({ 'shop.yml': 'a: 2\n', 'n.txt': 'two' })
    git(server.repository, 'checkout', '-q', 'main')
    for (const [label, commit, body] of [
      ['feature(_)x', second, 'two'],
      ['feature%2Fx', second, 'two'],
      ['v1', first, 'one'],
      ['release-1.0.2', first, 'one'],
      [first, first, 'one'],
      [second.slice(0, 10), second, 'two'],
    ] as const) {
      const answer = await server.ask(`/shop/dev/${label}`)
      expect([answer.status, problem(answer.text).version], label).to.deep.equal([200, commit])
      expect((await server.ask(`/${label}/shop-dev.yml`)).text, label).to.equal(`a: ${commit === first ? 1 : 2}\n`)
      expect((await server.ask(`/shop/dev/${label}/n.txt`)).text, label).to.equal(body)
    }
    expect((await server.ask('/shop/dev/feature')).status).to.equal(404)
    expect(problem((await server.ask('/shop/dev/main,v1')).text).version).to.equal(`${first},${first}`)
  })

  it('serves below a prefix only, but health beside it', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: 1\n' }, settings: ['prefix: /my/config', 'git.uri: file://{repo}'] })
    for (const [target, status] of [
      ['/my/config/shop/dev', 200],
      ['/my/config/shop-dev.yml', 200],
      ['/shop-dev.yml', 404],
      ['/my/config', 404],
      ['/myconfig/shop/dev', 404],
      ['/actuator/health', 200],
      ['/my/config/actuator/health', 200],
    ] as const) {
      expect((await server.ask(target)).status, target).to.equal(status)
    }
  })

  it('answers 404 for an application without files where empty answers are off', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: 1\n' }, settings: ['accept-empty: false', 'git.uri: file://{repo}'] })
    expect((await server.ask('/shop/dev')).status).to.equal(200)
    expect((await server.ask('/other/dev')).status).to.equal(404)
    expect((await server.ask('/other-dev.yml')).status).to.equal(404)
  })
})
