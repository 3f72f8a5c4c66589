import { expect } from 'chai'
import { ackEvent, environmentChangeEvent, refreshEvent, type ShutdownEvent, type UnknownEvent } from '../../bus/src/event.js'
import { isHandledByPublisher, receptionOf } from '../../bus/src/flow.js'

const self = { id: 'shop:1:x' }
const other = 'server:8888:y'
const refresh = (originService: string, destinationService: string) => refreshEvent({ originService, destinationService })
const change = (originService: string, destinationService: string) =>
  environmentChangeEvent({ originService, destinationService, values: new Map([['a', 'b']]) })
const ack = (originService: string, destinationService: string) =>
  ackEvent({ originService, destinationService, acknowledged: refresh(self.id, '**') })
const shutdown = (originService: string, destinationService: string): ShutdownEvent => ({
  ...refresh(originService, destinationService),
  kind: 'shutdown',
})
const unknown = (originService: string, destinationService: string): UnknownEvent => ({
  ...refresh(originService, destinationService),
  kind: 'unknown',
  type: 'Other',
})

describe('receptionOf', () => {
  const table = [
    ['a refresh of another for this member', refresh(other, 'shop:**'), 'handled'],
    ['a refresh of another for others', refresh(other, 'orders:**'), 'ignored'],
    ['an own refresh for this member', refresh(self.id, '**'), 'acknowledged'],
    ['an own refresh for others', refresh(self.id, 'orders:**'), 'ignored'],
    ['a refresh whose origin is everybody', refresh('**', '**'), 'acknowledged'],
    ['an environment change of another for this member', change(other, '**'), 'handled'],
    ['an own environment change for this member', change(self.id, '**'), 'acknowledged'],
    ['an environment change of another for others', change(other, 'orders:**'), 'ignored'],
    ['an ack of another', ack(other, '**'), 'ack'],
    ['an ack of another to others', ack(other, 'orders:**'), 'ack'],
    ['an own ack', ack(self.id, '**'), 'ignored'],
    ['a shutdown for this member', shutdown(other, '**'), 'acknowledged'],
    ['a shutdown for others', shutdown(other, 'orders:**'), 'ignored'],
    ['an unknown event to everybody', unknown(other, '**'), 'ignored'],
  ] as const
  for (const [name, event, kind] of table) it(`of ${name}: ${kind}`, () => expect(receptionOf(event, self).kind).to.equal(kind))
})

describe('isHandledByPublisher', () => {
  const table = [
    ['a refresh for itself', refresh(self.id, 'shop:**'), true],
    ['a refresh for others', refresh(self.id, 'orders:**'), false],
    ['an environment change for itself', change(self.id, 'shop:**'), true],
    ['an environment change for others', change(self.id, 'orders:**'), true],
  ] as const
  for (const [name, event, expected] of table)
    it(`of ${name}: ${expected}`, () => expect(isHandledByPublisher(event, self)).to.equal(expected))
})
