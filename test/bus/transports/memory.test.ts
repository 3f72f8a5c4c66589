import { openMemory } from '../../../bus/src/transports/memory.js'
import { itIsATransport } from '../transport-contract.js'

describe('openMemory', () => {
  itIsATransport((options) => openMemory('memory:contract', options))
})
