import { expect } from 'chai'
import { canary } from '../../../scripts/canary.mjs'
import { clearServing, serve } from '../../server/http/serving.js'
import { always, answering, closeAll, deadUrl, documentOf, environment, errorOf, remoteOf, valuesOf } from './answering.js'

const SECRET = canary('value')

describe('openRemote', () => {
  afterEach(() => Promise.all([closeAll(), clearServing()]))

  it('asks Carillon, and hears that nothing changed', async () => {
    const server = await serve({ files: { 'orders.yml': 'a: 1\n', 'orders-prod.yml': 'db:\n  pool: 40\n' } })
    const remote = remoteOf({ servers: [server.url] })
    const document = await documentOf(remote)
    expect(valuesOf(document)).to.deep.equal({ a: 1, 'db.pool': 40 })
    expect(document.sources[0]?.properties.get('db.pool')).to.deep.equal({ value: 40, origin: '2:9' })
    expect(document.version).to.include({ label: '' })
    expect(document.version.commit).to.match(/^[0-9a-f]{40}$/)
    const { signal } = new AbortController()
    expect(await remote.ask({ signal, known: document })).to.deep.equal({ kind: 'unchanged', version: document.version })
    const commit = server.commit({ 'unrelated.yml': 'x: 1\n' })
    const unchanged = await remote.ask({ signal, known: document, atLeast: [commit, 'no commit'] })
    expect(unchanged).to.deep.equal({ kind: 'unchanged', version: { ...document.version, commit } })
    const second = server.commit({ 'orders.yml': 'a: 2\n' })
    expect(await documentOf(remote, { known: document, atLeast: [second] })).to.have.nested.property('version.commit', second)
  })

  it('goes on to the next server where one cannot be reached', async () => {
    const well = await answering(always(environment({ a: 1 })))
    const remote = remoteOf({ servers: [await deadUrl(), well.url] })
    expect(valuesOf(await documentOf(remote))).to.deep.equal({ a: 1 })
    expect(well.requests.map(({ url }) => url)).to.deep.equal(['/orders/prod'])
  })
  it('goes on to another one where a server lacks the commit that was announced', async () => {
    const [lagging, fresh] = [await serve({ files: { 'orders.yml': 'a: 1\n' } }), await answering(always(environment({ a: 2 })))]
    const atLeast = ['f'.repeat(40)]
    expect(valuesOf(await documentOf(remoteOf({ servers: [lagging.url, fresh.url] }), { atLeast }))).to.deep.equal({ a: 2 })
    const error = await errorOf(documentOf(remoteOf({ servers: [lagging.url] }), { atLeast }))
    expect(error).to.include({ code: 'bad-response', retryAfterMs: 1_000 })
    expect(error.message).to.include(`503: The commit ${atLeast[0]} has not arrived at this server yet`)
  })

  it('is told by Carillon what it does not have', async () => {
    const server = await serve({ files: { 'orders.yml': 'a: 1\n', 'broken.yml': `a: [${SECRET}\n` } })
    const missing = await errorOf(documentOf(remoteOf({ servers: [server.url], labels: ['nowhere'] })))
    expect(missing.code).to.equal('not-found')
    expect(missing.message).to.match(/^No server has the configuration of orders\/prod\/nowhere: http:\S+: 404: .*nowhere/)
    const broken = await errorOf(documentOf(remoteOf({ servers: [server.url], names: ['broken'] })))
    expect(broken.code).to.equal('bad-response')
    expect(broken.message)
      .to.match(/500: broken\.yml:\d+:\d+: /)
      .and.not.to.include(SECRET)
  })
})
