import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bareUrl, type RemoteOptions } from '../address.js'
import { readText } from '../refs.js'
import { type Download, type Remote, refused } from '../remote.js'
import { openHttp } from './http.js'
import { paceOf } from './pace.js'
import { storePack } from './packs.js'
import { formatWants, type Greeting, readAdvertisement, readPack } from './wire.js'

const SERVICE = 'git-upload-pack'
/** Tips are enough to tell what we have; a request must not grow with the number of tags. */
const MOST_HAVES = 1000

/**
 * A remote asked over http(s). isomorphic-git's own `fetch` is not used: it moves refs before the pack is there, fails where the
 * remote's HEAD names no branch, and cannot be aborted.
 */
export function openRemote(options: RemoteOptions): Remote {
  const http = openHttp(options)
  let place = bareUrl(options.uri)
  let capabilities: ReadonlySet<string> = new Set()
  let shallow: readonly string[] = []

  const list = async (signal: AbortSignal): Promise<Greeting> => {
    const url = new URL(`${bareUrl(options.uri)}/info/refs?service=${SERVICE}`)
    const answer = await http.request({ method: 'GET', url, headers: { accept: '*/*' }, signal })
    if (answer.status !== 200) throw await refusal(answer.status, answer.body)
    if (answer.contentType !== `application/x-${SERVICE}-advertisement`) {
      throw refused(`expected a Git repository, got an answer of type ${answer.contentType || 'unknown'}`)
    }
    // A redirect counts for what follows too, as in `git`.
    place = answer.url.href.replace(/\/info\/refs(\?.*)?$/, '')
    const greeting = await readAdvertisement(answer.body, paceOf(options.timeout))
    capabilities = greeting.capabilities
    shallow = greeting.shallow
    return greeting
  }

  const download = async ({ gitdir, wants, haves, onBytes }: Download, signal: AbortSignal): Promise<void> => {
    if (capabilities.has('object-format=sha256'))
      throw new Error('isomorphic-git does not know sha256 object ids: leave carillon.git.engine at auto')
    if (!capabilities.has('side-band-64k')) throw new Error('the remote does not speak side-band-64k')
    const body = formatWants(wants, haves.slice(0, MOST_HAVES), capabilities)
    const headers = { 'content-type': `application/x-${SERVICE}-request`, accept: `application/x-${SERVICE}-result` }
    const answer = await http.request({ method: 'POST', url: new URL(`${place}/${SERVICE}`), headers, body, signal })
    if (answer.status !== 200) throw await refusal(answer.status, answer.body)
    const pack = counted(readPack(answer.body, paceOf(options.timeout)), onBytes)
    await storePack(gitdir, pack, signal)
    await noteShallow(gitdir, shallow)
  }

  return { list, download, close: () => http.close() }
}

async function* counted(chunks: AsyncIterable<Buffer>, onBytes: Download['onBytes']): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    onBytes(bytes)
    yield chunk
  }
}

/** Without this, `git` takes a clone of a shallow repository for a damaged one, and cleans nothing up in it. */
async function noteShallow(gitdir: string, shallow: readonly string[]): Promise<void> {
  const path = join(gitdir, 'shallow')
  const known = ((await readText(path)) ?? '').split('\n').filter((line) => line !== '')
  if (shallow.every((id) => known.includes(id))) return
  await writeFile(`${path}.new`, [...new Set([...known, ...shallow])].map((id) => `${id}\n`).join(''))
  await rename(`${path}.new`, path)
}

async function refusal(status: number, body: AsyncIterable<Uint8Array>): Promise<Error> {
  for await (const _ of body) break
  if (status === 401 || status === 403) return refused(`the remote answered ${status}: check the username and password`)
  if (status === 404) return refused('the remote answered 404: there is no such repository, or it is hidden from this user')
  return new Error(`the remote answered ${status}`)
}
