import { join } from 'node:path'
import { type GitHttpServer, startGitHttp } from '../../tools/git-http.js'
import { type Answered, type AskOptions, ask, newFolder, start } from '../http/serving.js'
import { eventually, type Files, makeRepository } from '../trees/repositories.js'

/** A Git host with one repository, and servers of configuration over it. */
export interface Remote {
  readonly host: GitHttpServer
  readonly url: string
  /** The work tree of the repository. */
  readonly work: string
  /** What the host serves, and where the servers keep what is theirs. */
  readonly folder: string
  /** Starts a server with these lines below `spring.cloud.config.server.git` (a timeout of 1 s, unless they say another); all share one data folder. */
  readonly start: (lines?: readonly string[], flags?: Readonly<Record<string, string>>) => Promise<Started>
}

export interface Started {
  readonly log: readonly string[]
  readonly ask: (target: string, options?: AskOptions) => Promise<Answered>
  readonly close: () => Promise<void>
}

const closings: Array<() => Promise<void>> = []

/** Closes all servers and hosts, the youngest first. */
export async function clearRemotes(): Promise<void> {
  for (const close of closings.splice(0).reverse()) await close()
}

export async function openRemote(files: Files): Promise<Remote> {
  const folder = newFolder()
  const work = makeRepository(join(folder, 'cfg'), files)
  const host = await startGitHttp({ root: folder })
  closings.push(host.close)
  const url = `${host.url}/cfg/.git`
  const startServer: Remote['start'] = async (lines = [], flags = {}) => {
    const all = [`uri: ${url}`, ...(lines.some((line) => line.startsWith('timeout')) ? [] : ['timeout: 1']), ...lines]
    const yml = ['spring.cloud.config.server.git:', ...all.map((line) => `  ${line}`)].join('\n')
    const server = await start(yml, folder, flags)
    closings.push(server.close)
    const port = Number(new URL(server.url).port)
    return { log: server.log, close: server.close, ask: (target, options) => ask(port, target, options) }
  }
  return { host, url, work, folder, start: startServer }
}

/** Waits until a target is answered with 200. */
export const untilServed = (started: Started, target: string): Promise<Answered> =>
  eventually(
    () => started.ask(target),
    ({ status }) => status === 200,
  )
