import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { amqp } from '../../client/src/amqp.js'
import { kafka } from '../../client/src/kafka.js'
import { brokerSettings } from '../interop/broker-settings.js'
import { CONFIG_SERVER, startConfigServer } from '../interop/spring-peers.js'
import { clearServing, newFolder, serve } from '../server/http/serving.js'
import { commit, git, makeRepository } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import { startGitHttp } from '../tools/git-http.js'
import { useSpring } from '../tools/spring/use-spring.js'
import { clientContract, type Peer } from './contract.js'
import { listenForAcks } from './tools/acks.js'

const clientsDecrypt = { 'spring.cloud.config.server.encrypt.enabled': 'false' }
const links = { rabbitmq: (url: string) => amqp({ url }), kafka: (url: string) => kafka({ url }) }

for (const name of ['rabbitmq', 'kafka'] as const) {
  describe('load', () => {
    describe(`from Carillon, with ${name}`, function () {
      this.timeout(60_000)
      const application = `shop${randomBytes(4).toString('hex')}`
      let peer: Peer
      before(async function () {
        const broker = (await useBroker(this, name))?.url ?? ''
        const carillon = await serve({ files: { [`${application}.yml`]: '' }, flags: { ...brokerSettings(broker), ...clientsDecrypt } })
        peer = {
          ...carillon,
          branch: (branch) => git(carillon.repository, 'branch', '--force', branch),
          // it sees for itself
          announce: async () => {},
          bus: () => links[name](broker),
          outcomes: await listenForAcks(broker),
          lines: true,
        }
      })
      after(clearServing)
      clientContract(() => peer, application)
    })

    describe(`from a Spring Cloud Config Server, with ${name}`, function () {
      this.timeout(60_000)
      const application = `shop${randomBytes(4).toString('hex')}`
      let peer: Peer
      let close = async () => {}
      before(async function () {
        useSpring(this, [CONFIG_SERVER])
        const broker = (await useBroker(this, name))?.url ?? ''
        const root = newFolder()
        const repository = makeRepository(join(root, 'repo'), { [`${application}.yml`]: '' })
        // A local repository it would check out as it is, under our commits.
        const remote = await startGitHttp({ root })
        const spring = await startConfigServer({ broker, application: `server${application}`, uri: `${remote.url}/repo/.git` })
        close = async () => {
          await Promise.all([spring.close(), remote.close()])
        }
        peer = {
          url: spring.url,
          commit: (files) => commit(repository, files),
          branch: (branch) => git(repository, 'branch', '--force', branch),
          announce: async (whom) => {
            await spring.post('/monitor', { path: `${whom}.yml` })
          },
          bus: () => links[name](broker),
          outcomes: await listenForAcks(broker),
          lines: true,
        }
      })
      after(async () => {
        await close()
        await clearServing()
      })
      clientContract(() => peer, application)
    })
  })
}
