import { expect } from 'chai'
import { clearServing, type Serving } from '../server/http/serving.js'
import { eventually } from '../server/trees/repositories.js'
import type { Program } from '../tools/programs.js'
import { findFreePort } from '../tools/servers.js'
import { getJson, sampleWith, serveSample, startExample } from './sample.js'

interface Quote {
  readonly shipping: string
  readonly pool: number
}

describe('examples/python', function () {
  this.timeout(60_000)
  let server: Serving
  let run: Program
  let port: number

  before(async () => {
    server = await serveSample()
    port = await findFreePort()
    const command = ['run', '--application', 'orders', '--profile', 'prod', '--poll', '2', '--', 'python3', 'examples/python/shop.py']
    run = startExample(process.execPath, ['cli/bin/carillon.js', ...command], { CARILLON_URI: server.url, PORT: String(port) })
    await run.says(/\/quote, shipping 4\.90 EUR/)
  })
  after(async () => {
    await run?.end()
    await clearServing()
  })

  const quote = () => getJson<Quote>(`http://127.0.0.1:${port}/quote`).catch(() => undefined)

  it('finds its configuration in its environment', async () => {
    expect(await quote()).to.deep.equal({ shop: 'Bell Street Goods', shipping: '4.90 EUR', express: true, pool: 40 })
  })

  it('is started again with the values of a new commit', async () => {
    server.commit(sampleWith('orders-prod.yml', { 'pool: 40': 'pool: 60' }))
    await eventually(quote, (answer) => answer?.pool === 60)
  })

  it('ends with the command, on SIGTERM', async () => {
    expect(await run.end()).to.include({ code: 0 })
    expect(await quote()).to.equal(undefined)
  })
})
