import { expect } from 'chai'
import { clearServing, serve } from '../../server/http/serving.js'
import { always, answering, closeAll, deadUrl, documentOf, environment, remoteOf, valuesOf } from './answering.js'

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
})
