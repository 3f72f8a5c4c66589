import { type MemoryContent, openMemoryTree } from '../../tools/memory-tree.js'
import { CONTENT, itIsATree } from '../trees/contract.js'

describe('openMemoryTree, the fake of these tests', () => {
  itIsATree(
    async () => {
      const files = new Map<string, MemoryContent>([...Object.entries(CONTENT), ['out', { link: '../secret' }]])
      const tree = openMemoryTree({ main: Object.fromEntries(files) })
      return {
        tree,
        change: async (changed) => {
          for (const [path, content] of Object.entries(changed)) {
            if (content === undefined) files.delete(path)
            else files.set(path, content)
          }
          tree.move('main', Object.fromEntries(files))
        },
      }
    },
    { past: 'kept' },
  )
})
