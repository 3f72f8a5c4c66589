import { BusError } from '@carillon/bus'
import { expect } from 'chai'
import { changeMessages } from '../../../server/src/refresh/change-log.js'

describe('changeMessages', () => {
  it('tells once in each absence of the broker what it means for reads and commits', () => {
    const lines: string[] = []
    const say = (_: object, message: string): unknown => lines.push(message)
    const { state, onTrouble } = changeMessages({ info: say, warn: say })
    onTrouble(new BusError('subscriber-failed', 'A listener failed: x'))
    onTrouble(new BusError('not-connected', 'Cannot connect to it'))
    onTrouble(new BusError('broker-refused', 'It refused us'))
    state('connected')
    onTrouble(new BusError('broker-refused', 'It takes no messages for now'))
    state('connecting')
    onTrouble(new BusError('connection-lost', 'The connection was lost'))
    const shown = lines.map((line) => line.replace(/\. Reads go on\. Commits .* are kept, and announced once .*/, ' (and what it means)'))
    expect(shown).to.deep.equal([
      'A listener failed: x',
      'Cannot connect to it (and what it means)',
      'It refused us',
      'The bus is connected',
      'It takes no messages for now',
      'The bus is connecting',
      'The connection was lost (and what it means)',
    ])
  })
})
