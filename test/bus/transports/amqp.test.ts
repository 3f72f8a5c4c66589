import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { expect } from 'chai'
import { openTransport } from '../../../bus/src/transports/open.js'
import { canary } from '../../../scripts/canary.mjs'
import { type FragileBroker, useBroker, useFragileBroker } from '../../tools/brokers.js'
import { itIsATransport, messageOf, refusal } from '../transport-contract.js'
import { comeTogether, eventually, firstRecorded, openMembers } from './broken.js'

const SECRET = canary('amqp')

describe('openAmqp', () => {
  let url = ''
  before(async function () {
    url = (await useBroker(this, 'rabbitmq'))?.url ?? ''
  })
  itIsATransport((options) => openTransport(url, options))

  it('publishes with the properties that Spring members set', async () => {
    const members = openMembers()
    const sender = members.open(url)
    await sender.connected()
    const connection = await connect(url)
    const channel = await connection.createChannel()
    await channel.assertExchange(members.destination, 'topic', { durable: true })
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, members.destination, '#')
    const seen: { routingKey: string; properties: object }[] = []
    await channel.consume(
      queue,
      (message) => message && seen.push({ routingKey: message.fields.routingKey, properties: { ...message.properties } }),
    )
    const sent = [messageOf('{}'), messageOf('{}', { route: 'ack', headers: { 'carillon-label': 'main' } })]
    for (const message of sent) await sender.transport.publish(message)
    await eventually('the bystander hears both', () => seen.length === 2)
    await connection.close()
    await members.close()

    const recorded = firstRecorded(readFileSync(join(import.meta.dirname, '../vectors/rabbit.jsonl'), 'utf8')) as { properties: object }
    const properties = seen.map((each) => JSON.parse(JSON.stringify(each.properties)))
    const expected = (index: number) => ({ ...recorded.properties, messageId: sent[index]?.id, timestamp: properties[index].timestamp })
    expect(properties[0]).to.deep.equal(expected(0))
    expect(properties[1]).to.deep.equal({ ...expected(1), headers: { 'carillon-label': 'main' } })
    expect(Math.abs(properties[0].timestamp - Date.now() / 1000)).to.be.below(60)
    expect(seen.map(({ routingKey }) => routingKey)).to.deep.equal([members.destination, `${members.destination}.ack`])
  })

  it('takes the first host that answers', async () => {
    const members = openMembers()
    const member = members.open(url.replace(/\/\/(.*@)?/, (login) => `${login}127.0.0.1:1,`))
    await member.connected()
    expect(member.troubles).to.deep.equal([])
    await members.close()
  })
})

describe('openAmqp, with a broker that fails', function () {
  this.timeout(60_000)

  const members = openMembers()
  let broker: FragileBroker
  let impostor: ReturnType<typeof members.open>
  let first: ReturnType<typeof members.open>
  let second: ReturnType<typeof members.open>
  const open = (options: Parameters<typeof members.open>[1] = {}) => members.open(`${broker.url}?heartbeat=1`, options)
  const together = (text: string, ...others: ReturnType<typeof members.open>[]) => comeTogether(text, [first, second, ...others])
  before(async function () {
    const found = await useFragileBroker(this, 'rabbitmq')
    if (!found) return
    broker = found
    impostor = open({ credentials: { user: 'guest', password: SECRET }, destination: 'impostor' })
    first = open()
    second = open({ receives: 'events' })
    await together('hello')
  })
  after(async () => {
    await members.close()
    broker?.stop()
  })

  it('tells of a wrong password', async () => {
    await eventually('a trouble', () => impostor.troubles.length > 0)
    expect(impostor.troubles[0]).to.include({ code: 'broker-refused' })
    expect(impostor.troubles[0]?.message).to.match(/user guest, virtual host \/.*ACCESS/)
  })

  it('makes the queues that Spring members make, and gets over the loss of one', async () => {
    const columns = ['name', 'durable', 'auto_delete', 'exclusive', 'arguments']
    const table = await broker.control('list_queues', '--no-table-headers', ...columns)
    const rows = table
      .trim()
      .split('\n')
      .map((row) => row.split('\t'))
    for (const [name, ...rest] of rows) {
      expect(name).to.match(new RegExp(`^${members.destination}\\.anonymous\\.[A-Za-z0-9_-]{22}$`))
      expect(rest).to.deep.equal(['false', 'true', 'true', '[]'])
    }
    expect(rows).to.have.length(2)
    await broker.control('eval', '[rabbit_amqqueue:delete(Q, false, false, <<"test">>) || Q <- rabbit_amqqueue:list()].')
    await eventually('both notice', () =>
      [first, second].every(({ troubles }) => troubles.some(({ message }) => message.includes('deleted'))),
    )
    await together('after the queues')
  })

  it('gets over the loss of the exchange, as sender and as mere listener', async () => {
    const connection = await connect(broker.url)
    const channel = await connection.createChannel()
    await channel.deleteExchange(members.destination)
    await connection.close()
    // Only one of them, perhaps: it makes the exchange anew before the other one looks, which then binds its queue again without a word.
    await eventually('one notices', () =>
      [first, second].some(({ troubles }) => troubles.some(({ message }) => message.includes('NOT_FOUND'))),
    )
    await together('after the exchange')
  })

  it('tells once of an exchange of another kind, and goes on when it is gone', async () => {
    const connection = await connect(broker.url)
    const channel = await connection.createChannel()
    await channel.assertExchange('foreign', 'fanout', { durable: false })
    const member = open({ destination: 'foreign' })
    await eventually('a trouble', () => member.troubles.length > 0)
    expect(member.troubles[0]).to.include({ code: 'broker-refused' })
    expect(member.troubles[0]?.message).to.match(/PRECONDITION.*exchange 'foreign'.*'topic' but current is 'fanout'/)
    await channel.deleteExchange('foreign')
    await connection.close()
    await member.connected()
    expect(member.troubles).to.have.length(1)
    await member.transport.close()
  })

  it('refuses to publish at once while a frozen broker is thought to be there, closes all the same, and recovers', async () => {
    const leaver = open()
    await leaver.connected()
    broker.freeze()
    expect(await refusal(first.transport.publish(messageOf('into the ice')))).to.be.oneOf(['not-confirmed', 'connection-lost'])
    await leaver.transport.close()
    await eventually('the heartbeat is missed', () => first.transport.state() === 'connecting' && second.transport.state() === 'connecting')
    expect(await refusal(first.transport.publish(messageOf('into the void')))).to.equal('not-connected')
    broker.thaw()
    await together('after the thaw')
  })

  it('recovers when the broker is killed and comes back; one that is opened meanwhile connects as well', async () => {
    broker.kill()
    await eventually('both notice', () => [first, second].every(({ transport }) => transport.state() === 'connecting'))
    const late = open()
    await eventually('a trouble', () => late.troubles.length > 0)
    expect(late.troubles[0]).to.include({ code: 'not-connected' })
    expect([first.transport.reason(), late.transport.reason()]).not.to.include(undefined)
    await broker.start()
    await together('after the restart', late)
    expect([first.transport.reason(), late.transport.reason()]).to.deep.equal([undefined, undefined])
    await late.transport.close()
  })

  it('refuses at once while the broker blocks publishers, and goes on when it no longer does', async () => {
    await broker.control('set_vm_memory_high_watermark', '0')
    await eventually('it says that it is blocked', () => {
      if (first.troubles.some(({ message }) => message.includes('takes no messages'))) return true
      first.transport.publish(messageOf('blocked')).catch(() => {})
      return false
    })
    expect(first.transport.state()).to.equal('connected')
    expect(await refusal(first.transport.publish(messageOf('blocked')))).to.equal('broker-refused')
    await broker.control('set_vm_memory_high_watermark', '0.4')
    await together('after the block')
  })

  it('never told of the wrong password twice, nor the password', () => {
    const told = impostor.troubles.filter(({ message }) => message.includes('refused the connection'))
    expect(told).to.have.length(1)
    expect(JSON.stringify(impostor.troubles.map(({ message, stack, cause }) => [message, stack, String(cause)]))).to.not.include(SECRET)
  })
})
