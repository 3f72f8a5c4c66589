import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { clearServing, newFolder } from '../server/http/serving.js'
import { makeRepository } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import { useSpring } from '../tools/spring/use-spring.js'
import { firstOf, joinAsMember, type Member, PATIENCE, untilOnBus } from './member.js'
import { CONFIG_SERVER, type SpringPeer, startConfigServer } from './spring-peers.js'

interface Posted {
  readonly title: string
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** What Spring answers, and what reaches the member. */
  readonly status: number
  readonly destination: string
  readonly kind?: 'refresh' | 'environment-change'
}

const CLASSES = {
  refresh: 'org.springframework.cloud.bus.event.RefreshRemoteApplicationEvent',
  'environment-change': 'org.springframework.cloud.bus.event.EnvironmentChangeRemoteApplicationEvent',
}

for (const name of ['rabbitmq', 'kafka'] as const) {
  describe('openBus', () => {
    describe(`beside a Spring Cloud Config Server on ${name}`, function () {
      this.timeout(4 * PATIENCE)
      const application = `shop${randomBytes(4).toString('hex')}`
      const serverName = `server${application}`
      let spring: SpringPeer
      let member: Member

      before(async function () {
        useSpring(this, [CONFIG_SERVER])
        const broker = (await useBroker(this, name))?.url ?? ''
        const repository = makeRepository(join(newFolder(), 'repo'), { [`${application}.yml`]: 'shop.greeting: one\n' })
        spring = await startConfigServer({ broker, application: serverName, uri: `file://${repository}` })
        member = await joinAsMember(broker, application)
        await untilOnBus(async (within) => {
          const from = member.reached.length
          await spring.post(`/actuator/busrefresh/${application}`)
          const { id } = await firstOf(member.reached, isSprings, { from, within })
          return ackThere(id, within)
        })
      })
      after(async () => {
        await Promise.all([spring?.close(), member?.close()])
        await clearServing()
      })

      const isSprings = ({ originService }: { readonly originService: string }) => originService.startsWith(`${serverName}:`)
      /** The member's ack of an event, as a listener in the server hears it. */
      const ackThere = async (eventId: string, within = PATIENCE) => {
        const { id } = await firstOf(member.acks, ({ ackId, originService }) => ackId === eventId && originService === member.id)
        return spring.hears((ack) => ack.id === id, within)
      }
      const push = (file: string) => ({ commits: [{ added: [], removed: [], modified: [file] }] })
      const cases: readonly Posted[] = [
        {
          title: 'a path to /monitor',
          path: '/monitor',
          body: { path: `${application}.yml` },
          status: 200,
          destination: `${application}:**`,
        },
        {
          title: "GitHub's push of application-dev.yml to /monitor",
          path: '/monitor',
          body: push('application-dev.yml'),
          headers: { 'x-github-event': 'push' },
          status: 200,
          destination: '*:**',
        },
        { title: '/actuator/busrefresh', path: '/actuator/busrefresh', status: 204, destination: '**' },
        {
          title: '/actuator/busrefresh/{application}:{profile}',
          path: `/actuator/busrefresh/${application}:eu`,
          status: 204,
          destination: `${application}:eu:**`,
        },
        {
          title: '/actuator/busenv/{application}',
          path: `/actuator/busenv/${application}`,
          body: { name: 'shop.limit', value: '7' },
          status: 204,
          destination: `${application}:**`,
          kind: 'environment-change',
        },
      ]
      for (const { title, path, body, headers, status, destination, kind = 'refresh' } of cases) {
        it(`is reached by a POST of ${title} there, and its ack is heard there`, async () => {
          const from = member.reached.length
          expect(await spring.post(path, body, headers)).to.equal(status)
          const event = await firstOf(member.reached, (one) => isSprings(one) && one.destinationService === destination, { from })
          expect(event.kind).to.equal(kind)
          if (event.kind === 'environment-change') expect([...event.values]).to.deep.equal([['shop.limit', '7']])
          expect(await ackThere(event.id)).to.include({ from: member.id, to: '**', event: CLASSES[kind] })
        })
      }

      it('is left alone by what is meant for another application', async () => {
        const from = member.reached.length
        await spring.post('/actuator/busrefresh/another')
        await spring.post(`/actuator/busrefresh/${application}`)
        await firstOf(member.reached, isSprings, { from })
        expect(member.reached.slice(from).map(({ destinationService }) => destinationService)).to.not.include('another:**')
        expect(
          member.overheard
            .slice(from)
            .filter(isSprings)
            .map(({ destinationService }) => destinationService),
        ).to.include('another:**')
      })
    })
  })
}
