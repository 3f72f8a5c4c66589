import { expect } from 'chai'
import { brokerSettings } from '../interop/broker-settings.js'
import { clearServing, type Serving } from '../server/http/serving.js'
import { eventually } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import type { Program } from '../tools/programs.js'
import { getJson, sampleWith, serveSample, startExample } from './sample.js'

interface Quote {
  readonly shipping: string
  readonly pool: number
}

interface Health {
  readonly status: string
  readonly components: { readonly config: { readonly details: { readonly applied: { readonly commit: string } } } }
}

const examples = [
  { name: 'shop-rabbitmq', broker: { kind: 'rabbitmq', variable: 'RABBITMQ_URL' }, heardBy: 'bus' },
  { name: 'shop-kafka', broker: { kind: 'kafka', variable: 'KAFKA_URL' }, heardBy: 'bus' },
  { name: 'shop-poll', broker: undefined, heardBy: 'poll' },
] as const

for (const { name, broker, heardBy } of examples) {
  describe(`examples/${name}`, function () {
    this.timeout(60_000)
    let server: Serving
    let shop: Program
    let url: string

    before(async function () {
      const address = broker && (await useBroker(this, broker.kind))?.url
      server = await serveSample(address === undefined ? {} : brokerSettings(address))
      shop = startExample(process.execPath, ['--import', 'tsx/esm', `examples/${name}/main.ts`], {
        CARILLON_URI: server.url,
        SERVER_PORT: '0',
        ...(broker && address ? { [broker.variable]: address } : {}),
      })
      url = (await shop.says(/(http:\S+)\/quote runs/))[1] ?? ''
      if (broker !== undefined) await shop.says(/bus connected/)
    })
    after(async () => {
      await shop?.end()
      await clearServing()
    })

    const quote = () => getJson<Quote>(`${url}/quote?items=3`)
    const health = () => getJson<Health>(`${url}/actuator/health`)

    it('answers with what the configuration says', async () => {
      expect(await quote()).to.deep.equal({ shop: 'Bell Street Goods', items: 3, shipping: '4.90 EUR', express: true, pool: 5 })
      expect((await fetch(`${url}/quote?items=51`)).status).to.equal(400)
    })

    it('follows a commit: new values, and a new pool before the old one goes', async () => {
      const commit = server.commit(sampleWith('orders.yml', { "'4.90'": "'3.90'", 'pool: 5': 'pool: 8' }))
      await shop.says(new RegExp(`runs ${commit.slice(0, 7)} \\(heard by ${heardBy}\\)`))
      expect(await quote()).to.include({ shipping: '3.90 EUR', pool: 8 })
      expect(shop.said()).to.match(/pool 2 opened: 8 .*\npool 1 closed\n/)
    })

    it('refuses a commit that the schema refuses, says where and what it runs', async () => {
      const { commit: good } = (await health()).components.config.details.applied
      server.commit(sampleWith('orders.yml', { "'4.90'": "'0.10'", 'max-items: 50': 'max-items: plenty' }))
      await eventually(health, ({ status }) => status === 'DEGRADED')
      expect((await health()).components.config.details.applied.commit).to.equal(good)
      expect(await quote()).to.include({ shipping: '3.90 EUR', pool: 8 })
      expect(shop.said())
        .to.match(/orders\.maxItems \(.*orders\.yml:5/)
        .and.to.not.match(/plenty/)
    })

    it('leaves its pool alone when something else changes', async () => {
      const commit = server.commit(sampleWith('orders.yml', { "'4.90'": "'2.90'", 'pool: 5': 'pool: 8' }))
      await shop.says(new RegExp(`runs ${commit.slice(0, 7)}`))
      expect(await quote()).to.include({ shipping: '2.90 EUR', pool: 8 })
      expect(shop.said()).to.not.match(/pool 3/)
    })

    it('closes its pool and ends with 0 on SIGTERM', async () => {
      expect(await shop.end()).to.include({ code: 0 })
      expect(shop.said()).to.match(/pool 2 closed/)
    })
  })
}
