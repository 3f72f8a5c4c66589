import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { AckEvent } from '../../bus/src/index.js'
import { clearServing, type Serving, serve } from '../server/http/serving.js'
import { eventually } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import { useSpring } from '../tools/spring/use-spring.js'
import { brokerSettings } from './broker-settings.js'
import { firstOf, joinAsMember, type Member, PATIENCE, untilOnBus } from './member.js'
import { CONFIG_CLIENT, type SpringPeer, startConfigClient } from './spring-peers.js'

/** What the application's beans run; `number` counts how often the one with the greeting was made. */
interface Values {
  readonly greeting: string
  readonly number: number
  readonly limit: number
}

const REFRESH = 'org.springframework.cloud.bus.event.RefreshRemoteApplicationEvent'
const ENVIRONMENT_CHANGE = 'org.springframework.cloud.bus.event.EnvironmentChangeRemoteApplicationEvent'

for (const name of ['rabbitmq', 'kafka'] as const) {
  describe('startServer', () => {
    describe(`with a Spring Boot application as its client, on ${name}`, function () {
      this.timeout(4 * PATIENCE)
      // Its own name, so that runs that share a broker do not talk to each other's applications.
      const application = `shop${randomBytes(4).toString('hex')}`
      let carillon: Serving
      let spring: SpringPeer
      let member: Member

      before(async function () {
        useSpring(this, [CONFIG_CLIENT])
        const broker = (await useBroker(this, name))?.url ?? ''
        carillon = await serve({
          files: { [`${application}.yml`]: 'shop: { greeting: one, limit: 1 }\n' },
          flags: { ...brokerSettings(broker), 'management.endpoints.web.exposure.include': 'busrefresh,busenv' },
        })
        spring = await startConfigClient({ broker, application, server: carillon.url })
        member = await joinAsMember(broker, 'bystander')
        await untilOnBus(async (within) => {
          const from = member.overheard.length
          await post(`/actuator/busrefresh/${application}`)
          return ackOf(`${application}:**`, { from, within })
        })
      })
      after(async () => {
        await Promise.all([spring?.close(), member?.close()])
        await clearServing()
      })

      const values = () => spring.get<Values>('/values')
      const isSprings = ({ originService }: AckEvent) => originService.startsWith(`${application}:dev,eu:`)
      const post = async (target: string, body?: object) => {
        const sent = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
        const { status, text } = await carillon.ask(target, { method: 'POST', ...sent })
        expect(status, text).to.equal(204)
      }
      /** The application's ack, as the other member hears it, of the first event with this destination that the member overheard later than `from` events. */
      const ackOf = async (destination: string, { from, within = PATIENCE }: { from: number; within?: number }) => {
        const { id } = await firstOf(member.overheard, ({ destinationService }) => destinationService === destination, { from, within })
        return firstOf(member.acks, (ack) => ack.ackId === id && isSprings(ack), { within })
      }

      it('gives it its values at the start', async () => {
        expect(await values()).to.include({ greeting: 'one', limit: 1 })
      })

      it('makes it run the values of a new commit, which it acknowledges to everybody', async () => {
        const from = member.overheard.length
        carillon.commit({ [`${application}-eu.yml`]: 'shop.greeting: two\n' })
        await eventually(values, ({ greeting }) => greeting === 'two', PATIENCE)
        const { event, ackDestinationService } = await ackOf(`${application}:**`, { from })
        expect({ event, ackDestinationService }).to.deep.equal({ event: REFRESH, ackDestinationService: `${application}:**` })
      })

      it('leaves it alone at a commit that concerns another application', async () => {
        const { number } = await values()
        carillon.commit({ 'another.yml': 'shop.greeting: none\n' })
        await firstOf(member.overheard, ({ destinationService }) => destinationService === 'another:**')
        const from = member.overheard.length
        carillon.commit({ [`${application}-dev.yml`]: 'shop.limit: 2\n' })
        await ackOf(`${application}:**`, { from })
        expect(await values()).to.include({ limit: 2, number: number + 1 })
      })

      const destinations = [
        { path: '', destination: '**' },
        { path: `/${application}`, destination: `${application}:**` },
        { path: `/${application}:eu`, destination: `${application}:eu:**` },
        { path: '/*', destination: '*:**' },
      ]
      for (const { path, destination } of destinations) {
        it(`refreshes it on POST /actuator/busrefresh${path.replace(application, '{application}')}`, async () => {
          const from = member.overheard.length
          const { number } = await values()
          await post(`/actuator/busrefresh${path}`)
          expect(await ackOf(destination, { from })).to.include({ event: REFRESH })
          expect(await values()).to.include({ number: number + 1 })
        })
      }

      it('does not refresh it on POST /actuator/busrefresh/another', async () => {
        const from = member.overheard.length
        const { number } = await values()
        await post('/actuator/busrefresh/another')
        const other = await firstOf(member.overheard, ({ destinationService }) => destinationService === 'another:**', { from })
        // It handles one event after the other: once it has answered the next one, it has passed this one by.
        await post(`/actuator/busrefresh/${application}`)
        await ackOf(`${application}:**`, { from })
        expect(member.acks.some((ack) => ack.ackId === other.id && isSprings(ack))).to.equal(false)
        expect(await values()).to.include({ number: number + 1 })
      })

      it('sets a value in it on POST /actuator/busenv/{application}', async () => {
        const from = member.overheard.length
        await post(`/actuator/busenv/${application}`, { name: 'shop.limit', value: 7 })
        expect(await ackOf(`${application}:**`, { from })).to.include({ event: ENVIRONMENT_CHANGE })
        expect(await values()).to.include({ limit: 7 })
      })
    })
  })
}
