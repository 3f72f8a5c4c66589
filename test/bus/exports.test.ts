import { expect } from 'chai'
import * as bus from '../../bus/src/index.js'

describe('@carillon/bus', () => {
  it('exports these names and no other', () => {
    expect(Object.keys(bus).sort()).to.deep.equal([
      'BusError',
      'ackEvent',
      'busId',
      'checkTransport',
      'classNameOf',
      'continueTrace',
      'decode',
      'decodeHeaders',
      'decodeTrace',
      'encode',
      'encodeHeaders',
      'encodeTrace',
      'environmentChangeEvent',
      'isForSelf',
      'isFromSelf',
      'matches',
      'normalizeDestination',
      'openBus',
      'openTransport',
      'refreshEvent',
      'startTrace',
    ])
  })
})
