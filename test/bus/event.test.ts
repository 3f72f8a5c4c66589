import { expect } from 'chai'
import { ackEvent, classNameOf, environmentChangeEvent, refreshEvent } from '../../bus/src/event.js'

const making = { clock: () => 7, newId: () => 'new' }
const addresses = { originService: 'a:1:x', destinationService: 'b:**' }
const common = { ...addresses, id: 'new', timestamp: 7 }

describe('refreshEvent', () => {
  it('is stamped by the clock and the ids it is given', () => {
    expect(refreshEvent(addresses, making)).to.deep.equal({ kind: 'refresh', ...common })
  })

  it('has a UUID and the time without them', () => {
    const event = refreshEvent(addresses)
    expect(event.id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(event.timestamp).to.be.within(1.7e12, 5e12)
  })
})

describe('environmentChangeEvent', () => {
  it('keeps its own copy of the values', () => {
    const values = new Map([['colour', 'blue']])
    const event = environmentChangeEvent({ ...addresses, values }, making)
    values.clear()
    expect(event).to.deep.equal({ kind: 'environment-change', ...common, values: new Map([['colour', 'blue']]) })
  })
})

describe('ackEvent', () => {
  it('names the id, the destination and the class of what it answers', () => {
    const acknowledged = refreshEvent({ originService: 's', destinationService: 'a:**' }, { clock: () => 1, newId: () => 'first' })
    expect(ackEvent({ ...addresses, acknowledged }, making)).to.deep.equal({
      kind: 'ack',
      ...common,
      ackId: 'first',
      ackDestinationService: 'a:**',
      event: 'org.springframework.cloud.bus.event.RefreshRemoteApplicationEvent',
    })
  })
})

describe('classNameOf', () => {
  for (const [kind, name] of [
    ['environment-change', 'EnvironmentChangeRemoteApplicationEvent'],
    ['shutdown', 'ShutdownRemoteApplicationEvent'],
    ['ack', 'AckRemoteApplicationEvent'],
    ['unknown', 'UnknownRemoteApplicationEvent'],
  ] as const)
    it(`of ${kind} is Spring's ${name}`, () => expect(classNameOf(kind)).to.equal(`org.springframework.cloud.bus.event.${name}`))
})
