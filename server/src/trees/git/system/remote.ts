import { join } from 'node:path'
import { faultPoint } from '../../../fault-points.js'
import { bareUrl, type RemoteOptions, schemeOf } from '../address.js'
import { withIncoming } from '../leftovers.js'
import { placePack } from '../packs.js'
import { type Advertisement, findHead, isBranchOrTag, type Remote } from '../remote.js'
import { type Access, type GitConfig, LITTLE_MEMORY, PATIENCE } from './command.js'
import { httpAccess } from './http-access.js'
import { presentGit } from './present.js'
import { quarantine, watchGrowth } from './quarantine.js'
import { type GitRun, runGit } from './run.js'
import { withScratch } from './scratch.js'
import { sshAccess } from './ssh-access.js'

/** A remote asked by the system's `git`, one process each time. */
export function openRemote(options: RemoteOptions): Remote {
  const url = bareUrl(options.uri)
  const closing = new AbortController()

  const run = async (args: readonly string[], { variables: own, ...more }: Pick<GitRun, 'signal' | 'gitdir' | 'input' | 'variables'>) => {
    await presentGit()
    const signal = AbortSignal.any([more.signal, closing.signal])
    return withScratch(async (folder) => {
      const { config, variables } = await accessTo(options, folder)
      const silence = options.timeout * 1000 * PATIENCE
      return runGit({ ...more, args, config: [...CAREFUL, ...config], variables: { ...own, ...variables }, signal, silence })
    })
  }

  return {
    list: async (signal) => readList(await run(['ls-remote', '--symref', '--', url, 'HEAD', 'refs/heads/*', 'refs/tags/*'], { signal })),
    async download({ gitdir, wants, onBytes }, signal) {
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
      const input = wants.map((id) => `${id}\n`).join('')
      await withIncoming(gitdir, async (folder) => {
        const from = join(folder, 'pack')
        const variables = quarantine(gitdir, folder)
        await watchGrowth({ folder: from, onBytes }, (tooMuch) =>
          run(args, { gitdir, input, variables, signal: AbortSignal.any([signal, tooMuch]) }),
        )
        faultPoint('pack.before-place')
        await placePack({ from, gitdir, beforeIndex: () => faultPoint('pack.within-place') })
        faultPoint('pack.after-place')
      })
    },
    async close() {
      closing.abort(new Error('the repository is closed'))
    },
  }
}

/** One pack a fetch, in one step; and only the newest protocol, which asks for no refs that nobody wants. */
const CAREFUL: GitConfig = [['fetch.unpackLimit', '1'], ['protocol.version', '2'], ['transfer.bundleURI', 'false'], ...LITTLE_MEMORY]

async function accessTo(options: RemoteOptions, folder: string): Promise<Access> {
  const scheme = schemeOf(options.uri) ?? 'file'
  const isHttp = scheme === 'http' || scheme === 'https'
  const access = isHttp ? await httpAccess(options, folder) : scheme === 'ssh' ? await sshAccess(options, folder) : NO_ACCESS
  // A redirect may lead from http to https, and nowhere else.
  return { ...access, variables: { ...access.variables, GIT_ALLOW_PROTOCOL: scheme === 'http' ? 'http:https' : scheme } }
}

const NO_ACCESS: Access = { config: [], variables: {} }

/** Reads what `git ls-remote --symref` prints: `<id> TAB <ref>` and `ref: <ref> TAB HEAD`. */
export function readList(text: string): Advertisement {
  const rows = text.split('\n').map((line) => line.split('\t'))
  const link = rows.find(([value = '', name]) => name === 'HEAD' && value.startsWith('ref: '))?.[0]?.slice('ref: '.length)
  const all = new Map(rows.flatMap(([id = '', name = '']) => (/^[0-9a-f]{40,64}$/.test(id) ? [[name, id]] : [])))
  const refs = new Map([...all].filter(([name]) => isBranchOrTag(name)))
  const [id = ''] = all.values()
  return { refs, head: findHead({ refs, link, id: all.get('HEAD') }), idLength: id.length === 64 ? 64 : 40 }
}
