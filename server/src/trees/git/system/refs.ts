import { join } from 'node:path'
import { OID, openDiskRefs, type Refs, type RefsPlace, readText } from '../refs.js'
import type { GitPlace } from '../repository.js'
import { runGit } from './run.js'

/** The refs of a repository of any kind. */
export function openRefs(place: Pick<GitPlace, 'gitdir' | 'commonDir' | 'refs'>): Refs {
  switch (place.refs) {
    case 'files':
      return openDiskRefs(place)
    case 'reftable':
      return openTables(place)
    default:
      return place.refs satisfies never
  }
}

/** Nothing of ours: a `git` that hangs must not hold up what looks at refs (ms). */
const LONGEST = 30_000

/** All refs are asked for at once, and again when the list of tables is another: each write makes a new one. */
function openTables({ gitdir, commonDir }: RefsPlace): Refs {
  let known: { readonly tables: string; readonly refs: ReadonlyMap<string, string> } | undefined
  const all = async (): Promise<ReadonlyMap<string, string>> => {
    const lists = [commonDir, gitdir].map((folder) => readText(join(folder, 'reftable/tables.list')))
    const tables = (await Promise.all(lists)).join()
    if (known?.tables !== tables) known = { tables, refs: await askAll(gitdir) }
    return known.refs
  }
  return { find: async (name) => (await all()).get(name), list: async () => [...(await all()).keys()] }
}

async function askAll(gitdir: string): Promise<ReadonlyMap<string, string>> {
  const signal = AbortSignal.timeout(LONGEST)
  const format = '%(objectname) %(refname) %(symref)'
  const text = await runGit({ gitdir, args: ['for-each-ref', `--format=${format}`], signal })
  const rows = text.split('\n').map((line) => line.split(' '))
  const refs = new Map(rows.flatMap(([id = '', name = '', link = '']) => (OID.test(id) ? [[name, link === '' ? id : `ref: ${link}`]] : [])))
  const head = await findHead(gitdir, signal)
  return head === undefined ? refs : refs.set('HEAD', head)
}

async function findHead(gitdir: string, signal: AbortSignal): Promise<string | undefined> {
  const ask = (...args: readonly string[]) =>
    runGit({ gitdir, args, signal }).then(
      (text) => text.replace(/\n$/, ''),
      () => undefined,
    )
  const link = await ask('symbolic-ref', '-q', 'HEAD')
  return link === undefined ? ask('rev-parse', '--verify', '-q', 'HEAD') : `ref: ${link}`
}
