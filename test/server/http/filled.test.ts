import { expect } from 'chai'
import { findFilled } from '../../../server/src/http/filled.js'
import type { Source } from '../../../server/src/sources/source.js'
import { type MemoryTree, openMemoryTree } from '../../tools/memory-tree.js'
import { openSources, requestOf } from '../sources/opening.js'

const filesAt = (number: number) => ({ 'orders.yml': `n: ${number}`, 'notes.txt': `${number}` })

/** A source over one repository in memory, whose label goes on to the next number each time a file was found. */
function moving(numbers: readonly number[]): { readonly source: Source; readonly tree: MemoryTree } {
  const tree = openMemoryTree({ main: filesAt(0) })
  const { source } = openSources(['git.uri: https://git.example.org/a'], { 'https://git.example.org/a': tree })
  const waiting = [...numbers]
  const findFile: Source['findFile'] = async (request, path) => {
    const found = await source.findFile(request, path)
    const next = waiting.shift()
    if (next !== undefined) tree.move('main', filesAt(next))
    return found
  }
  return { source: { ...source, findFile }, tree }
}

async function numbersOf(source: Source, path = 'notes.txt'): Promise<unknown> {
  try {
    const filled = await findFilled(source, requestOf('/orders/prod/main'), path)
    return (
      filled && [Buffer.from(filled.file.file.bytes).toString(), String(filled.environment.propertySources[0]?.properties.get('n')?.value)]
    )
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('findFilled', () => {
  for (const [name, numbers, expected] of [
    ['gives a file with the environment of its commit', [], ['0', '0']],
    ['looks again where the label moved in between', [1], ['1', '1']],
    ['looks again where the label moved, and back', [1, 0, 0], ['0', '0']],
    ['says so where the label never stands still', [1, 2, 3, 4, 5, 6], 'snapshot-gone'],
  ] as const) {
    it(name, async () => {
      expect(await numbersOf(moving(numbers).source)).to.deep.equal(expected)
    })
  }

  it('finds nothing where there is no such file', async () => {
    expect(await numbersOf(moving([]).source, 'absent.txt')).to.equal(undefined)
  })
})
