import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type RunningServer, startServer } from '../../../server/src/server.js'
import { loadSettings } from '../../../server/src/settings/load.js'
import { refuseLeaks } from '../../tools/outputs.js'
import { commit, eventually, type Files, makeRepository, makeScratch } from '../trees/repositories.js'

/** A server over a new repository, and ways to ask it. */
export interface Serving {
  readonly url: string
  readonly port: number
  /** The work tree that is served. */
  readonly repository: string
  readonly log: readonly string[]
  readonly ask: (target: string, options?: AskOptions) => Promise<Answered>
  readonly commit: (files: Files) => string
  /** Waits until an application that has no files is served from a commit. */
  readonly seen: (commit: string) => Promise<void>
  readonly close: () => Promise<void>
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

export interface ServingOptions {
  readonly files?: Files
  /** Lines below `spring.cloud.config.server`; `git.uri` is the repository unless they name one. */
  readonly settings?: readonly string[]
  readonly flags?: Readonly<Record<string, string>>
}

const scratch = makeScratch()

/** A folder that lives until `clearServing`. */
export const newFolder = (): string => scratch.folder()

/** Closes every server of these tests and removes their folders. */
export const clearServing = (): Promise<void> => scratch.clear()

/** Starts a server in this process on a free port. `{repo}` in the settings is the work tree, `{folder}` what it is in. */
export async function serve({ files = {}, settings = [], flags = {} }: ServingOptions = {}): Promise<Serving> {
  const folder = newFolder()
  const repository = makeRepository(join(folder, 'repo'), files)
  const lines = settings.length === 0 ? ['git.uri: file://{repo}'] : settings
  const yml = [
    'spring.cloud.config.server:',
    ...lines.map((line) => `  ${line.replaceAll('{repo}', repository).replaceAll('{folder}', folder)}`),
  ].join('\n')
  const server = await start(yml, folder, flags)
  const { port, protocol } = new URL(server.url)
  return scratch.closing({
    url: server.url,
    port: Number(port),
    repository,
    log: server.log,
    ask: (target, options) => ask(Number(port), target, { ...options, tls: protocol === 'https:' }),
    commit: (changed) => commit(repository, changed),
    seen: async (wanted) => {
      const seenAt = async (): Promise<unknown> => {
        const { headers } = await ask(Number(port), '/nobody/default', { tls: protocol === 'https:' })
        return headers['x-carillon-stale'] ?? headers['x-carillon-commit']
      }
      await eventually(seenAt, (at) => at === wanted)
    },
    close: server.close,
  })
}

/** Starts a server with this settings file; its log and data are searched for secrets when it is closed. Throws what starting throws. */
export async function start(
  yml: string,
  folder: string,
  flags: Readonly<Record<string, string>> = {},
): Promise<RunningServer & { readonly log: readonly string[] }> {
  const log: string[] = []
  const say = (fields: object, message: string): unknown => log.push(`${message} ${JSON.stringify(fields)}`)
  const { settings } = loadSettings({
    file: { path: 'settings.yml', bytes: Buffer.from(yml) },
    env: { CARILLON_DATA_FOLDER: join(folder, 'data') },
    flags: new Map(Object.entries({ 'server.port': '0', ...flags })),
    probe: () => 'absent',
    read: readFileSync,
  })
  const server = await startServer({ settings, log: { info: say, warn: say, error: say }, workingFolder: folder })
  const close = async (): Promise<void> => {
    await server.close()
    refuseLeaks(log.join('\n'), [join(folder, 'data')])
  }
  return { ...server, log, close }
}

/** One request on a connection of its own. */
export function ask(
  port: number,
  target: string,
  { method = 'GET', headers = {}, body, tls = false }: AskOptions & { readonly tls?: boolean } = {},
): Promise<Answered> {
  const options = {
    host: '127.0.0.1',
    port,
    path: target,
    method,
    headers: { ...headers },
    agent: false as const,
    rejectUnauthorized: false,
  }
  return new Promise((resolve, reject) => {
    const sent = (tls ? tlsRequest : httpRequest)(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString('utf8') })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends bytes as they are, and gives all that comes until the server ends the connection or falls silent for `patience` (ms). */
export function askRaw(port: number, bytes: string | Uint8Array, patience = 2_000): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const done = (): void => {
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    socket.setTimeout(patience, done)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', done)
    socket.on('error', done)
  })
}
