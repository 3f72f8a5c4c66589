import { expect } from 'chai'
import { openTransport } from '../../../bus/src/transports/open.js'
import { account } from '../../../scripts/brokers/fleet.mjs'
import { canary } from '../../../scripts/canary.mjs'
import { type FragileBroker, useFragileBroker } from '../../tools/brokers.js'
import { itIsATransport } from '../transport-contract.js'
import { comeTogether, eventually, openMembers } from './broken.js'
import { isTold, makePapers, type Refusal, strangers, tls } from './refusals.js'

const SECRET = canary('secure')

describe('openTransport, over TLS', function () {
  this.timeout(60_000)

  const members = openMembers()
  let papers: ReturnType<typeof makePapers>['papers']
  let remove = () => {}
  let rabbit: FragileBroker
  let kafka: FragileBroker
  before(async function () {
    const made = makePapers()
    ;({ papers, remove } = made)
    const names = ['rabbitmq', 'kafka'] as const
    const found = await Promise.all(names.map((name) => useFragileBroker(this, name, { tls: made.broker })))
    ;[rabbit, kafka] = found as [FragileBroker, FragileBroker]
  })
  after(async () => {
    await members.close()
    rabbit?.stop()
    kafka?.stop()
    remove()
  })

  describe('to a RabbitMQ', () => {
    itIsATransport((options) => openTransport(tls(rabbit), { ...options, tls: papers['our authority'] }))

    it('is let in by an address of numbers that stands in its certificate', async () => {
      const member = members.open(tls(rabbit).replace('localhost', '127.0.0.1'), { tls: papers['our authority'] })
      await member.connected()
      expect(member.troubles).to.deep.equal([])
    })

    const refusals: readonly Refusal[] = [
      ...strangers,
      {
        name: 'a wrong password',
        url: tls,
        with: 'our authority',
        login: { user: 'guest', password: SECRET },
        code: 'broker-refused',
        message: /user guest, virtual host \/.*ACCESS/,
      },
      {
        name: 'a virtual host that is not there',
        url: (broker) => `${tls(broker)}/nowhere`,
        with: 'our authority',
        code: 'broker-refused',
        message: /virtual host: it does not exist.*user guest, virtual host nowhere/,
      },
      {
        name: 'a certificate of an authority that the broker does not know',
        url: tls,
        with: "a stranger's certificate",
        code: 'broker-refused',
        message: /does not trust the certificate of the client \(TLS alert: unknown ca\)/,
      },
      {
        name: 'TLS, on the port that has none',
        url: ({ url }) => url.replace('amqp:', 'amqps:'),
        with: 'our authority',
        code: 'not-connected',
        message: /does not answer in TLS/,
      },
      {
        name: 'no TLS, on the port that has it',
        url: (broker) => tls(broker).replace('amqps:', 'amqp:'),
        with: 'no TLS',
        code: 'not-connected',
        message: /it may expect TLS \(amqps:\/\/\)$/,
      },
    ]
    for (const refusal of refusals) it(`tells of ${refusal.name}`, () => isTold(refusal, { broker: rabbit, papers, open: members.open }))

    it('comes back over TLS, and asks for a certificate where the broker now wants one', async () => {
      const member = members.open(tls(rabbit), { tls: papers['our certificate'] })
      const bare = members.open(tls(rabbit), { tls: papers['our authority'], receives: 'events' })
      await comeTogether('before', [member, bare])
      rabbit.kill()
      await rabbit.start(['ssl_options.fail_if_no_peer_cert = true'])
      await comeTogether('after', [member])
      await eventually('it is told', () => bare.troubles.some(({ message }) => message.includes('wants a certificate of the client')))
      expect(bare.transport.state()).to.equal('connecting')
    })
  })

  describe('to a Kafka', () => {
    itIsATransport((options) => openTransport(`${tls(kafka)}&sasl=scram-sha-512`, { ...options, tls: papers['our authority'] }))

    it('joins those who prove their password in different ways, and those who show a certificate', async () => {
      const ways = ['plain', 'scram-sha-256', 'scram-sha-512'].map((sasl) => `${tls(kafka)}&sasl=${sasl}`)
      const everybody = [
        ...ways.map((url) => members.open(url, { tls: papers['our authority'] })),
        members.open(kafka.mutualUrl ?? '', { tls: papers['our certificate'] }),
        members.open(tls(kafka).replace('localhost', '127.0.0.1'), { tls: papers['our authority'] }),
      ]
      await comeTogether('hello', everybody)
      expect(everybody.flatMap(({ troubles }) => troubles)).to.deep.equal([])
    })

    const impostors = ['plain', 'scram-sha-256', 'scram-sha-512'].map(
      (sasl): Refusal => ({
        name: `a wrong password with ${sasl}`,
        url: (broker) => `${tls(broker)}&sasl=${sasl}`,
        with: 'our authority',
        login: { user: account.user, password: SECRET },
        code: 'broker-refused',
        message: new RegExp(`refused us: SASL ${sasl.replace('sha-', 'sha')} authentication failed: .*invalid`.replaceAll('-', ' '), 'i'),
      }),
    )
    const refusals: readonly Refusal[] = [
      ...strangers,
      ...impostors,
      {
        name: 'no certificate, where one is wanted',
        url: ({ mutualUrl }) => mutualUrl ?? '',
        with: 'our authority',
        code: 'broker-refused',
        message: /wants a certificate of the client/,
      },
      {
        name: 'a certificate of an authority that the broker does not know',
        url: ({ mutualUrl }) => mutualUrl ?? '',
        with: "a stranger's certificate",
        code: 'broker-refused',
        message: /does not trust the certificate of the client/,
      },
      {
        name: 'no user, where one is wanted',
        url: (broker) => tls(broker).replace(/\/\/.*@/, '//'),
        with: 'our authority',
        code: 'connection-lost',
        message: /it may expect a user, which was not given$/,
      },
      {
        name: 'neither TLS nor a user',
        url: (broker) =>
          tls(broker)
            .replace(/\/\/.*@/, '//')
            .replace('?tls=true', ''),
        with: 'no TLS',
        code: 'connection-lost',
        message: /it may expect TLS or a user, which was not given$/,
      },
      {
        name: 'TLS, on the port that has none',
        url: ({ url }) => `${url}?tls=true`,
        with: 'our authority',
        code: 'not-connected',
        message: /does not answer in TLS/,
      },
    ]
    for (const refusal of refusals) it(`tells of ${refusal.name}`, () => isTold(refusal, { broker: kafka, papers, open: members.open }))
  })
})
