import { spawn } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { eventually } from '../../server/trees/repositories.js'
import { always, answering, closeAll, deadUrl, documentOf, environment, errorOf, remoteOf } from './answering.js'

const root = join(import.meta.dirname, '../../..')

describe('the end of a question', () => {
  const strays: unknown[] = []
  const stray = (reason: unknown): unknown => strays.push(reason)
  before(() => process.on('unhandledRejection', stray))
  after(() => process.off('unhandledRejection', stray))
  afterEach('leaves nothing behind', async () => {
    await closeAll()
    await new Promise((resolve) => setImmediate(resolve))
    expect(strays.splice(0)).to.deep.equal([])
  })

  const half = answering.bind(undefined, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"propertySources":')
  })
  const silent = answering.bind(undefined, () => {})

  for (const [what, open] of [
    ['before the answer', silent],
    ['within the answer', half],
  ] as const) {
    it(`is 'closed' where its remote is closed ${what}, and the connection ends`, async () => {
      for (const options of [{}, { fetch }]) {
        const server = await open()
        const remote = remoteOf({ servers: [server.url], ...options })
        const asked = errorOf(documentOf(remote))
        await eventually(
          () => server.requests.length,
          (length) => length === 1,
        )
        remote.close()
        remote.close()
        expect((await asked).code).to.equal('closed')
        await eventually(
          () => server.requests[0]?.socket.destroyed,
          (destroyed) => destroyed === true,
        )
      }
    })

    it(`is the reason of the caller, ${what}, and the connection ends`, async () => {
      for (const reason of [new Error('enough'), 'enough', undefined]) {
        const server = await open()
        const impatient = new AbortController()
        const attempts: string[] = []
        const asked = remoteOf({ servers: [server.url] })
          .ask({ signal: impatient.signal, onAttempt: ({ cause }) => attempts.push(cause) })
          .catch((error: unknown) => error)
        await eventually(
          () => server.requests.length,
          (length) => length === 1,
        )
        impatient.abort(reason)
        expect(await asked).to.equal(impatient.signal.reason)
        expect(attempts).to.deep.equal(['no whole answer yet when the question ended'])
        await eventually(
          () => server.requests[0]?.socket.destroyed,
          (destroyed) => destroyed === true,
        )
      }
    })
  }

  it("is 'closed' where its remote was closed before, and nobody is asked", async () => {
    const server = await answering(always(environment({})))
    const remote = remoteOf({ servers: [server.url] })
    remote.close()
    expect((await errorOf(documentOf(remote))).code).to.equal('closed')
    expect(server.requests).to.deep.equal([])
  })

  it('comes at once where the caller had given up before, and nobody is asked', async () => {
    const server = await answering(always(environment({})))
    const reason = await remoteOf({ servers: [server.url] })
      .ask({ signal: AbortSignal.abort('before') })
      .catch((error: unknown) => error)
    expect([reason, server.requests.length]).to.deep.equal(['before', 0])
  })

  it('does not wait for what does not listen: a fetch, a discovery, a token', async () => {
    const never = (): Promise<never> => new Promise(() => {})
    for (const options of [
      { servers: ['http://x'], fetch: never },
      { servers: { resolve: never } },
      { servers: ['http://x'], auth: { bearer: never } },
    ]) {
      const remote = remoteOf(options)
      const asked = errorOf(documentOf(remote))
      await new Promise((resolve) => setImmediate(resolve))
      remote.close()
      expect((await asked).code).to.equal('closed')
    }
  })

  it('asks nobody with a token that came too late', async () => {
    const server = await answering(always(environment({})))
    let give: (token: string) => void = () => {}
    const bearer = (): Promise<string> =>
      new Promise((resolve) => {
        give = resolve
      })
    const error = await errorOf(documentOf(remoteOf({ servers: [server.url], auth: { bearer }, timeouts: { readMs: 30 } })))
    expect(error.code).to.equal('timeout')
    give('late')
    await documentOf(remoteOf({ servers: [server.url] }))
    expect(server.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined])
  })

  it('lets go of the signal, however often it is asked', async () => {
    const server = await answering(always(environment({})))
    const remote = remoteOf({ servers: [server.url] })
    const { signal } = new AbortController()
    await remote.ask({ signal })
    await errorOf(remoteOf({ servers: [await deadUrl()] }).ask({ signal }))
    expect(getEventListeners(signal, 'abort')).to.deep.equal([])
  })

  it('lets eight through at once, of all remotes together, and the next when one is done', async () => {
    const waiting: (() => void)[] = []
    const server = await answering((request, response) => waiting.push(() => always(environment({}))(request, response)))
    const remotes = [remoteOf({ servers: [server.url] }), remoteOf({ servers: [server.url] })]
    const asked = Array.from({ length: 12 }, (_, index) => documentOf(remotes[index % 2]!))
    const impatient = new AbortController()
    const given = remotes[0]!.ask({ signal: impatient.signal }).catch((error: unknown) => error)
    await eventually(
      () => server.requests.length,
      (length) => length === 8,
    )
    impatient.abort('enough')
    expect(await given).to.equal('enough')
    waiting.shift()?.()
    await eventually(
      () => server.requests.length,
      (length) => length === 9,
    )
    while (server.requests.length < 12 || waiting.length > 0) {
      waiting.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await Promise.all(asked)).to.have.lengthOf(12)
  })

  it('leaves its connection to a remote that is opened right then, and to nobody else', async () => {
    const server = await answering(always(environment({})))
    for (let opened = 0; opened < 3; opened++) {
      const remote = remoteOf({ servers: [server.url] })
      await documentOf(remote)
      remote.close()
      remote.close()
      await new Promise(setImmediate)
    }
    expect([server.requests.length, server.connections()]).to.deep.equal([3, 1])
    await eventually(
      () => server.requests[0]?.socket.destroyed,
      (destroyed) => destroyed === true,
    )
  })

  it('keeps no process alive, after close and between questions', async () => {
    const server = await answering((_, response) => {
      response.setHeader('keep-alive', 'timeout=600')
      always(environment({ a: 1 }))(_, response)
    })
    const program = `
      import { openRemote } from '${join(root, 'client/src/remote/open.ts')}'
      const open = (servers) => openRemote({ servers })
      const signal = new AbortController().signal
      await open(['${server.url}']).ask({ signal })
      const silent = open(['${(await answering(() => {})).url}'])
      const asked = silent.ask({ signal }).catch(({ code }) => console.log(code))
      setTimeout(() => silent.close(), 100)
      await asked`
    const args = ['--import', 'tsx/esm', '--conditions=@carillon/source', '--input-type=module', '--eval', program]
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 })
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect([said, code]).to.deep.equal(['closed\n', 0])
  })
})
