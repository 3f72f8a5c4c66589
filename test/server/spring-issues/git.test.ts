import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Answered, clearServing, serve } from '../http/serving.js'
import { commit, eventually, git } from '../trees/repositories.js'
import { clearRemotes, openRemote, untilServed } from './remote.js'

const bodyOf = ({ text }: Answered) => JSON.parse(text) as Record<string, unknown>
const FILES = { 'shop.yml': 'a: 1\n', 'application.yml': 'shared: yes\n' }

describe("Spring's issues: a Git host in trouble", () => {
  afterEach(async () => {
    await clearRemotes()
    await clearServing()
  })

  it('#6, #972, #2069, #2101: a fetch that hangs holds up no read, of no label and no kind', async () => {
    const { host, work, start } = await openRemote(FILES)
    git(work, 'checkout', '-q', '-b', 'side')
    commit(work, { 'shop.yml': 'a: side\n' })
    git(work, 'checkout', '-q', 'main')
    const server = await start(['refresh-rate: 1', 'timeout: 60'])
    await untilServed(server, '/shop/dev/side')
    await untilServed(server, '/shop/dev')
    host.behave({ kind: 'hang' })
    await eventually(host.pending, (count) => count > 0)
    const targets = ['/shop/dev', '/shop/dev/side', '/shop-dev.yml', '/side/shop-dev.properties', '/shop/dev/main/shop.yml', '/other/x']
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => server.ask(targets[index % targets.length] ?? '')))
    expect(host.pending()).to.equal(1)
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]))
    expect(answers[3]?.text).to.contain('a: side')
    expect(answers[2]?.text).to.contain('a: 1')
  })

  it('#1760: a server with clone-on-start starts from the clone of its last start while the host is away', async () => {
    const { host, work, start } = await openRemote(FILES)
    const first = await start(['clone-on-start: true', 'refresh-rate: 1'])
    await first.close()
    await host.vanish()
    const again = await start(['clone-on-start: true', 'refresh-rate: 1'])
    expect((await again.ask('/shop-dev.properties')).text).to.contain('a: 1')
    expect(again.log.join('\n')).to.contain('cannot be fetched')
    commit(work, { 'shop.yml': 'a: 2\n' })
    await host.comeBack()
    await eventually(
      () => again.ask('/shop-dev.properties'),
      ({ text }) => text.includes('a: 2'),
    )
  })

  it('#1760: a server with clone-on-start starts without a clone where the host is away, is not ready, and tries again by itself', async () => {
    for (const behaviour of ['vanish', { kind: 'status', status: 503 }, { kind: 'hang' }] as const) {
      const { host, start } = await openRemote(FILES)
      if (behaviour === 'vanish') await host.vanish()
      else host.behave(behaviour)
      const server = await start(['clone-on-start: true'])
      expect(server.log.join('\n')).to.contain('The server starts without')
      expect((await server.ask('/actuator/health/readiness')).status).to.equal(503)
      if (behaviour === 'vanish') await host.comeBack()
      else host.behave({ kind: 'serve' })
      await untilServed(server, '/actuator/health/readiness')
      expect((await server.ask('/shop-dev.properties')).text).to.contain('a: 1')
    }
  })

  it('#1682, #390, #527: a server whose host is away at the start says so, tries again by itself, and then serves', async () => {
    const { host, start } = await openRemote(FILES)
    await host.vanish()
    const server = await start()
    const refused = await eventually(
      () => server.ask('/shop/dev'),
      ({ status }) => status !== 503,
    )
    expect([refused.status, bodyOf(refused).code]).to.deep.equal([404, 'no-such-repository'])
    expect((await server.ask('/actuator/health/readiness')).status).to.equal(503)
    await host.comeBack()
    await eventually(
      () => server.ask('/actuator/health/readiness'),
      ({ status }) => status === 200,
    )
    expect((await server.ask('/shop-dev.properties')).text).to.contain('a: 1')
  })

  it('#572, #3246, #2136: stale content is served, and health and metrics say since when and why', async () => {
    const { host, url, start } = await openRemote(FILES)
    const server = await start(['clone-on-start: true', 'refresh-rate: 1'], {
      'management.endpoints.web.exposure.include': 'health,prometheus',
    })
    const stateOf = async () => {
      const { components } = bodyOf(await server.ask('/actuator/health')) as { components: { git: { details: Record<string, object> } } }
      return components.git.details[url] as { state: string; lastFetch: string; lastError?: string }
    }
    const metric = async (name: string, outcome = '') => {
      const { text } = await server.ask('/actuator/prometheus')
      return Number(new RegExp(`^${name}\\{repo="[^"]+"${outcome && `,outcome="${outcome}"`}\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
    }
    expect(await metric('carillon_git_fetch_duration_seconds_count', 'failed')).to.equal(0)
    host.behave({ kind: 'status', status: 502 })
    const failed = await eventually(stateOf, ({ lastError }) => lastError !== undefined)
    expect(failed.lastError).to.contain('502')
    expect(failed.state).to.equal('ready')
    expect((await server.ask('/shop/dev')).status).to.equal(200)
    const now = await stateOf()
    expect(now.lastFetch).to.equal(failed.lastFetch)
    expect(await metric('carillon_git_fetch_duration_seconds_count', 'failed')).to.be.greaterThan(0)
    expect(await metric('carillon_git_last_success_timestamp_seconds')).to.be.closeTo(Date.parse(failed.lastFetch) / 1000, 0.001)
    host.behave({ kind: 'serve' })
    const mended = await eventually(stateOf, ({ lastError }) => lastError === undefined)
    expect(Date.parse(mended.lastFetch)).to.be.greaterThan(Date.parse(failed.lastFetch))
  })

  it('#1168, #700: a clone that was cut off or cleaned away is made again, without anybody’s help', async () => {
    const { host, work, folder, start } = await openRemote(FILES)
    host.behave({ kind: 'cut', on: 'pack' })
    const server = await start(['refresh-rate: 1'])
    const refused = await eventually(
      () => server.ask('/shop/dev'),
      ({ status }) => status !== 503,
    )
    expect(refused.status).to.equal(404)
    host.behave({ kind: 'serve' })
    await untilServed(server, '/shop/dev')
    rmSync(join(folder, 'data/repositories'), { recursive: true })
    commit(work, { 'shop.yml': 'a: 2\n' })
    await eventually(
      () => server.ask('/shop-dev.properties'),
      ({ text }) => text.includes('a: 2'),
    )
  })
})

describe("Spring's issues: labels and errors", () => {
  afterEach(clearServing)

  it('#2161, #2077: what is wrong with main is told, and not that there is no master', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: [\n' } })
    const broken = await server.ask('/shop/dev')
    expect([broken.status, bodyOf(broken).file, bodyOf(broken).line]).to.deep.equal([500, 'shop.yml', 2])
    const missing = await server.ask('/shop/dev/nowhere')
    expect([missing.status, bodyOf(missing).message]).to.satisfy(
      ([status, message]: [number, string]) => status === 404 && message.includes("'nowhere'") && !message.includes('master'),
    )
  })

  it('#2161: a broken main is not answered from a master that is there', async () => {
    const server = await serve({ files: { 'shop.yml': 'a: old\n' } })
    git(server.repository, 'branch', 'master')
    git(server.repository, 'checkout', '-q', '--orphan', 'fresh')
    commit(server.repository, { 'shop.yml': 'a: [\n' })
    git(server.repository, 'branch', '-M', 'main')
    const broken = await eventually(
      () => server.ask('/shop/dev'),
      ({ status }) => status !== 200,
    )
    expect([broken.status, bodyOf(broken).code]).to.deep.equal([500, 'unreadable-file'])
  })
})
