import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bareUrl, type RemoteOptions, schemeOf } from '../address.js'
import { type Advertisement, findHead, isBranchOrTag, type Remote } from '../remote.js'
import { type Access, type GitConfig, PATIENCE } from './command.js'
import { httpAccess } from './http-access.js'
import { presentGit } from './present.js'
import { runGit } from './run.js'
import { withScratch } from './scratch.js'
import { sshAccess } from './ssh-access.js'

/** A remote asked by the system's `git`, one process each time. */
export function openRemote(options: RemoteOptions): Remote {
  const url = bareUrl(options.uri)
  const closing = new AbortController()

  const run = async (
    args: readonly string[],
    more: { readonly signal: AbortSignal; readonly gitdir?: string; readonly input?: string },
  ) => {
    await presentGit()
    const signal = AbortSignal.any([more.signal, closing.signal])
    return withScratch(async (folder) => {
      const { config, variables } = await accessTo(options, folder)
      return runGit({ ...more, args, config: [...CAREFUL, ...config], variables, signal, silence: options.timeout * 1000 * PATIENCE })
    })
  }

  return {
    list: async (signal) => readList(await run(['ls-remote', '--symref', '--', url, 'HEAD', 'refs/heads/*', 'refs/tags/*'], { signal })),
    async download({ gitdir, wants }, signal) {
      await removeTornPacks(gitdir)
      const args = [
        'fetch',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-recurse-submodules',
        '--update-shallow',
        '--progress',
        '--stdin',
        '--',
        url,
      ]
      await run(args, { gitdir, input: wants.map((id) => `${id}\n`).join(''), signal })
    },
    async close() {
      closing.abort(new Error('the repository is closed'))
    },
  }
}

/** One pack a fetch, in one step; and only the newest protocol, which asks for no refs that nobody wants. */
const CAREFUL: GitConfig = [
  ['fetch.unpackLimit', '1'],
  ['protocol.version', '2'],
  ['transfer.bundleURI', 'false'],
]

async function accessTo(options: RemoteOptions, folder: string): Promise<Access> {
  const scheme = schemeOf(options.uri) ?? 'file'
  const isHttp = scheme === 'http' || scheme === 'https'
  const access = isHttp ? await httpAccess(options, folder) : scheme === 'ssh' ? await sshAccess(options, folder) : NO_ACCESS
  // A redirect may lead from http to https, and nowhere else.
  return { ...access, variables: { ...access.variables, GIT_ALLOW_PROTOCOL: scheme === 'http' ? 'http:https' : scheme } }
}

const NO_ACCESS: Access = { config: [], variables: {} }

/** What a fetch that was killed left of a pack. One fetch at a time runs in a clone. */
async function removeTornPacks(gitdir: string): Promise<void> {
  const folder = join(gitdir, 'objects/pack')
  for (const name of await readdir(folder).catch(() => [])) if (name.startsWith('tmp_')) await rm(join(folder, name), { force: true })
}

/** Reads what `git ls-remote --symref` prints: `<id> TAB <ref>` and `ref: <ref> TAB HEAD`. */
export function readList(text: string): Advertisement {
  const rows = text.split('\n').map((line) => line.split('\t'))
  const link = rows.find(([value = '', name]) => name === 'HEAD' && value.startsWith('ref: '))?.[0]?.slice('ref: '.length)
  const all = new Map(rows.flatMap(([id = '', name = '']) => (/^[0-9a-f]{40,64}$/.test(id) ? [[name, id]] : [])))
  const refs = new Map([...all].filter(([name]) => isBranchOrTag(name)))
  const [id = ''] = refs.values()
  return { refs, head: findHead({ refs, link, id: all.get('HEAD') }), idLength: id.length === 64 ? 64 : 40 }
}
