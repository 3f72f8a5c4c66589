import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { heedingWord } from '../../../server/src/refresh/heeding.js'
import { createLooking } from '../../../server/src/refresh/looking.js'
import type { Source } from '../../../server/src/sources/source.js'
import { openMemoryTree } from '../../tools/memory-tree.js'

/** A server whose remote answers when the test says so. */
function openServer(hearing: 'hears' | 'is deaf' = 'hears') {
  const tree = openMemoryTree({ main: { 'a.yml': 'a: 1' } })
  const older = tree.current('main') ?? ''
  const newer = tree.move('main', { 'a.yml': 'a: 2' })
  let answer: (outcome: 'answers' | 'fails') => void = () => {}
  const fetch = () =>
    new Promise<void>((resolve, reject) => {
      answer = (outcome) => (outcome === 'answers' ? resolve() : reject(new Error('the remote is away')))
    })
  const looking = createLooking({
    watched: () => [{ name: 'one', uri: 'http://one', tree: { ...tree, fetch } }],
    tell: async () => {},
    isDeaf: () => hearing === 'is deaf',
    onTrouble: () => {},
  })
  // What git says of an older commit: it is in the history of what is there.
  const source: Source = {
    find: () => Promise.reject(new Error('nobody asks')),
    findFile: () => Promise.reject(new Error('nobody asks')),
    reach: async () => (tree.current('main') === newer ? 'reached' : 'apart'),
    fetch: async () => {},
    close: async () => {},
  }
  const reach = heedingWord(source, looking.settled).reach
  const asked = (commit: string) => reach({ applications: ['a'], profiles: ['default'] }, commit)
  return { tree, older, newer, looking, asked, answer: (outcome: Parameters<typeof answer>[0]) => answer(outcome) }
}

describe('heedingWord', () => {
  it('waits for the look that the word of another server began, and for that commit alone', async () => {
    const { tree, older, newer, looking, asked, answer } = openServer()
    looking.overhear({ label: 'main', commits: [older] })
    await turn()
    expect(await asked(newer)).to.equal('reached')
    const answered = asked(older)
    expect(await Promise.race([answered, turn('it waits')])).to.equal('it waits')
    tree.move('main', { 'a.yml': 'a: 1' })
    answer('answers')
    expect(await answered).to.equal('apart')
    expect(looking.settled(older)).to.equal(undefined)
    await looking.close()
  })

  it('goes by what is here where the remote cannot be asked', async () => {
    const { older, looking, asked, answer } = openServer()
    looking.overhear({ label: 'main', commits: [older] })
    await turn()
    const answered = asked(older)
    answer('fails')
    expect(await answered).to.equal('reached')
    await looking.close()
  })

  it('looks for itself where it cannot hear the others', async () => {
    const { tree, older, looking, asked, answer } = openServer('is deaf')
    const answered = asked(older)
    expect(await Promise.race([answered, turn('it waits')])).to.equal('it waits')
    tree.move('main', { 'a.yml': 'a: 1' })
    answer('answers')
    expect(await answered).to.equal('apart')
    await looking.close()
  })

  it('waits for nothing where nobody said anything, or what is here already', async () => {
    const { older, newer, looking, asked } = openServer()
    expect(await asked(older)).to.equal('reached')
    looking.overhear({ label: 'main', commits: [newer] })
    expect(await asked(newer)).to.equal('reached')
    await looking.close()
  })
})
