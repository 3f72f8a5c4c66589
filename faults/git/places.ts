import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GitHttpServer, startGitHttp } from '../../test/tools/git-http.js'
import { findFreePort } from '../../test/tools/servers.js'
import { type MortalServer, prepareServer } from '../tools/server.js'
import type { ServedEngine } from './engines.js'
import { openWriter, type Writer } from './writer.js'

/** How a server gets at what is written: a repository read in place, a clone of a remote, or both as one. */
export const LAYOUTS = ['local', 'remote', 'composite'] as const
export type Layout = (typeof LAYOUTS)[number]

/** A server in a process of its own, over repositories that are written. */
export interface Place {
  readonly url: string
  readonly writers: readonly [Writer, ...Writer[]]
  readonly hint: () => Promise<unknown>
  readonly close: () => Promise<void>
}

/** A place with a remote, which can be made to misbehave. */
export interface RemotePlace extends Place {
  readonly git: GitHttpServer
  readonly server: MortalServer
  /** Where the server keeps clones. */
  readonly clones: string
}

/** Seconds between two looks at a remote, and of silence that are borne. */
export interface Pace {
  readonly interval: number
  readonly timeout: number
}

const SECRET = 'a secret of the faults'

export async function openPlace(layout: Layout, engine: ServedEngine, pace: Pace = { interval: 1, timeout: 5 }): Promise<RemotePlace> {
  const folder = openFolder()
  const git = await startGitHttp({ root: folder.path })
  const writers: [Writer, ...Writer[]] = [await openWriter(folder.path, 'left')]
  if (layout === 'composite') writers.push(await openWriter(folder.path, 'right'))
  const uris = writers.map(({ remote, path }, index) => (layout === 'local' || index > 0 ? `file://${remote}` : `${git.url}/${path}`))
  const config = join(folder.path, 'settings.yml')
  writeFileSync(config, settingsOf(uris, pace))
  const args = ['--config', config, ...engine.args, '--set', `carillon.webhooks.secrets=${SECRET}`]
  const port = await findFreePort()
  const server = prepareServer({ folder: folder.path, port, args })
  if (!(await server.start())) throw new Error(`the server does not start:\n${server.log()}`)
  return {
    url: server.url,
    writers,
    git,
    server,
    clones: join(folder.path, `data-${port}`, 'repositories'),
    hint: () => fetch(`${server.url}/webhooks/generic`, { method: 'POST', headers: { 'x-carillon-token': SECRET } }),
    close: async () => {
      await server.kill()
      await git.close()
      folder.remove()
    },
  }
}

function settingsOf(uris: readonly string[], { interval, timeout }: Pace): string {
  const members = uris.map(
    (uri) => `      - { type: git, uri: '${uri}', search-paths: deep, refresh-rate: ${interval}, timeout: ${timeout} }`,
  )
  const lines = ['spring.profiles.active: composite', 'spring.cloud.config.server:', '    composite:', ...members]
  return lines.join('\n')
}

/** A folder that goes when this process does, if not before. */
export function openFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'carillon-faults-'))
  const remove = (): void => {
    process.off('exit', remove)
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    } catch (error) {
      // Somebody still writes there; what went wrong before must not be hidden by it.
      console.error(`${path} stays behind: ${(error as Error).message}`)
    }
  }
  process.once('exit', remove)
  return { path, remove }
}
