import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import kafkajs from 'kafkajs'
import { openTransport } from '../../../bus/src/transports/open.js'
import { account } from '../../../scripts/brokers/fleet.mjs'
import { canary } from '../../../scripts/canary.mjs'
import { type FragileBroker, useBroker, useFragileBroker } from '../../tools/brokers.js'
import { itIsATransport, messageOf, refusal } from '../transport-contract.js'
import { comeTogether, eventually, firstRecorded, openMembers } from './broken.js'

const SECRET = canary('kafka')

const clientOf = (url: string) =>
  new kafkajs.Kafka({ brokers: url.replace('kafka://', '').split(','), logLevel: kafkajs.logLevel.NOTHING, clientId: 'bystander' })

describe('openKafka', () => {
  let url = ''
  before(async function () {
    url = (await useBroker(this, 'kafka'))?.url ?? ''
  })
  itIsATransport((options) => openTransport(url, options))

  it('publishes records as Spring members do, to topics of one partition', async () => {
    const members = openMembers()
    const sender = members.open(url)
    await sender.connected()
    const sent = [messageOf('{}'), messageOf('{}', { route: 'ack', headers: { 'carillon-label': 'main' } })]
    for (const message of sent) await sender.transport.publish(message)
    const topics = [members.destination, `${members.destination}-acks`]
    const admin = clientOf(url).admin()
    const consumer = clientOf(url).consumer({ groupId: `bystander-${members.destination}` })
    await Promise.all([admin.connect(), consumer.connect()])
    await consumer.subscribe({ topics, fromBeginning: true })
    const seen = new Map<string, object>()
    await consumer.run({
      eachMessage: async ({ topic, partition, message: { key, headers = {}, value } }) => {
        const texts = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]))
        seen.set(topic, { topic, partition, key, headers: texts, body: String(value) })
      },
    })
    await eventually('the bystander hears both', () => seen.size === 2)
    const { topics: found } = await admin.fetchTopicMetadata({ topics })
    await Promise.all([consumer.disconnect(), admin.disconnect(), members.close()])

    const recorded = firstRecorded(readFileSync(join(import.meta.dirname, '../vectors/kafka.jsonl'), 'utf8')) as { headers: object }
    expect(found.map(({ partitions }) => partitions.length)).to.deep.equal([1, 1])
    expect(seen.get(topics[0]!)).to.deep.equal({ ...recorded, topic: topics[0], body: '{}' })
    expect(seen.get(topics[1]!)).to.deep.equal({
      ...recorded,
      topic: topics[1],
      body: '{}',
      headers: { ...recorded.headers, 'carillon-label': 'main' },
    })
  })

  it('misses nothing from the moment it says that it is connected', async () => {
    const members = openMembers()
    const sender = members.open(url)
    await sender.connected()
    const late = members.open(url, { onState: (state) => state === 'connected' && sender.transport.publish(messageOf('at once')) })
    await late.until('at once')
    await members.close()
  })
})

describe('openKafka, with a broker that fails', function () {
  this.timeout(60_000)

  const members = openMembers()
  let broker: FragileBroker
  let impostor: ReturnType<typeof members.open>
  let first: ReturnType<typeof members.open>
  let second: ReturnType<typeof members.open>
  const together = (text: string, ...others: ReturnType<typeof members.open>[]) => comeTogether(text, [first, second, ...others])
  before(async function () {
    const found = await useFragileBroker(this, 'kafka')
    if (!found) return
    broker = found
    impostor = members.open(`${broker.guardedUrl}`, { credentials: { user: account.user, password: SECRET }, destination: 'impostor' })
    first = members.open(`${broker.guardedUrl}?sasl=scram-sha-256`)
    second = members.open(`${broker.guardedUrl}`, { receives: 'events' })
    await together('hello')
  })
  after(async () => {
    await members.close()
    broker?.stop()
  })

  it('tells of a wrong password', async () => {
    await eventually('a trouble', () => impostor.troubles.length > 0)
    expect(impostor.troubles[0]).to.include({ code: 'broker-refused' })
  })

  it('makes the groups that Spring members make, and takes its own along', async () => {
    const admin = clientOf(broker.url).admin()
    await admin.connect()
    const groups = async () => (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort()
    const before = await groups()
    const member = members.open(broker.url)
    await member.connected()
    const during = await groups()
    await member.transport.close()
    const after = await groups()
    await admin.disconnect()
    expect(before).to.have.length(2)
    for (const group of during) expect(group).to.match(/^anonymous\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(during).to.have.length(3)
    expect(after).to.deep.equal(before)
  })

  it('gets over the loss of the topic', async () => {
    const admin = clientOf(broker.url).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [members.destination] })
    await admin.disconnect()
    // Only one of them, perhaps: it makes the topic anew before the other one looks.
    await eventually('one notices', () => [first, second].some(({ troubles }) => troubles.length > 0))
    await together('after the topic')
  })

  it('refuses to publish while the broker is frozen, closes all the same, and recovers', async () => {
    const leaver = members.open(broker.url)
    await leaver.connected()
    broker.freeze()
    expect(await refusal(first.transport.publish(messageOf('into the ice')))).to.be.oneOf(['not-confirmed', 'connection-lost'])
    await leaver.transport.close()
    await eventually('the silence is noticed', () => [first, second].every(({ transport }) => transport.state() === 'connecting'))
    expect(await refusal(first.transport.publish(messageOf('into the void')))).to.equal('not-connected')
    broker.thaw()
    await together('after the thaw')
  })

  it('recovers when the broker is killed and comes back; one that is opened meanwhile connects as well', async () => {
    broker.kill()
    await eventually('both notice', () => [first, second].every(({ transport }) => transport.state() === 'connecting'))
    const late = members.open(broker.url)
    await eventually('a trouble', () => late.troubles.length > 0)
    expect(late.troubles[0]).to.include({ code: 'connection-lost' })
    await broker.start()
    await together('after the restart', late)
    await late.transport.close()
  })

  it('never told of the wrong password twice, nor the password', () => {
    const told = impostor.troubles.map(({ message }) => message).filter((message) => message.includes('refused us'))
    expect(told).to.deep.equal(told.slice(0, 1))
    expect(JSON.stringify(impostor.troubles.map(({ message, stack, cause }) => [message, stack, String(cause)]))).to.not.include(SECRET)
  })
})
