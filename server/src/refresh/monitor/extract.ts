import { ServerError } from '../../errors.js'
import type { ExtractorName } from '../../settings/settings.js'
import { type HookHeaders, headerOf } from '../webhooks/headers.js'
import { type JsonObject, listOf, memberOf } from '../webhooks/json.js'

/** The files that a delivery to `/monitor` names, and how they were found. */
export interface Changed {
  readonly extractor: ExtractorName | 'generic'
  readonly paths: readonly string[]
}

type Extract = (headers: HookHeaders, body: JsonObject) => readonly string[] | undefined

/** Spring's stand-in for "anything", where a host does not name files. */
const EVERYTHING = ['application.yml']

/** In Spring's order (spring-compat 6.1). Gitea and Gogs also call themselves GitHub, so their real deliveries are read by the first. */
const extractors: readonly (readonly [Changed['extractor'], Extract])[] = [
  ['github', (headers, body) => (is(headers, 'x-github-event', 'push') ? filesOfCommits(body) : undefined)],
  ['generic', (_headers, body) => givenPaths(body)],
  ['gitlab', (headers, body) => (is(headers, 'x-gitlab-event', 'Push Hook') ? filesOfCommits(body) : undefined)],
  ['bitbucket', bitbucket],
  ['gitea', (headers, body) => (is(headers, 'x-gitea-event', 'push') && listOf(body, 'commits') !== undefined ? EVERYTHING : undefined)],
  ['gitee', (headers, body) => (is(headers, 'x-git-oschina-event', 'Push Hook') ? filesOfCommits(body) : undefined)],
  ['gogs', (headers, body) => (is(headers, 'x-gogs-event', 'push') ? filesOfCommits(body) : undefined)],
]

/** What the first extractor finds that finds anything. Throws `invalid-request` for file lists that hold something other than text. */
export function changedPaths(headers: HookHeaders, body: JsonObject, disabled: readonly ExtractorName[]): Changed | undefined {
  for (const [extractor, extract] of extractors) {
    if (extractor !== 'generic' && disabled.includes(extractor)) continue
    const paths = extract(headers, body)
    if (paths !== undefined) return { extractor, paths }
  }
  return undefined
}

function is(headers: HookHeaders, name: string, value: string): boolean {
  return headerOf(headers, name) === value
}

function isThere(headers: HookHeaders, name: string): boolean {
  return (headerOf(headers, name) ?? '').trim() !== ''
}

/** Cloud says which hook it is, Data Center which request. */
function bitbucket(headers: HookHeaders, body: JsonObject): readonly string[] | undefined {
  const event = headerOf(headers, 'x-event-key') ?? ''
  if (isThere(headers, 'x-hook-uuid') && ['repo:push', 'pullrequest:fulfilled'].includes(event)) {
    return listOf(body, 'push', 'changes') === undefined ? undefined : EVERYTHING
  }
  if (!isThere(headers, 'x-request-id')) return undefined
  if (event === 'pr:merged') return EVERYTHING
  return event === 'repo:refs_changed' && listOf(body, 'changes') !== undefined ? EVERYTHING : undefined
}

/** More than any host lists (GitHub: 2,048). */
const MAX_COMMITS = 10_000

/** Nothing found is left to the next extractor. */
function filesOfCommits(body: JsonObject): readonly string[] | undefined {
  const commits = listOf(body, 'commits') ?? []
  if (commits.length > MAX_COMMITS) return EVERYTHING
  const paths = new Set<string>()
  for (const commit of commits) {
    if (typeof commit !== 'object' || commit === null) throw malformed('commits', 'objects')
    for (const list of ['added', 'removed', 'modified']) {
      for (const path of texts(memberOf(commit, list) ?? [], `commits[].${list}`)) paths.add(path)
    }
  }
  return paths.size === 0 ? undefined : [...paths]
}

function givenPaths(body: JsonObject): readonly string[] | undefined {
  const path = memberOf(body, 'path')
  if (typeof path === 'string') return [path]
  return Array.isArray(path) && path.length > 0 ? texts(path, 'path') : undefined
}

function texts(value: unknown, where: string): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw malformed(where, 'texts')
}

function malformed(where: string, expected: string): ServerError {
  return new ServerError('invalid-request', `The member "${where}" holds something else than ${expected}.`)
}
