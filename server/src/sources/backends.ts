import { LRUCache } from 'lru-cache'
import { ServerError } from '../errors.js'
import type { BackendSettings, GitSettings, PatternSettings, RepositorySettings } from '../settings/settings.js'
import type { Tree } from '../trees/tree.js'
import type { SourceContext } from './context.js'
import { expandAddress } from './expand-address.js'
import { createGitSource } from './git.js'
import { createNativeSource } from './native.js'
import { createPatternSource, type PatternMember } from './pattern.js'
import type { ConfigRequest, Source } from './source.js'
import { createTakeUps } from './take-ups.js'

/** How the sources get at trees. Opening returns at once; a first clone runs behind it. */
export interface TreeOpeners {
  /** `uri` has no placeholders; credentials in it are the tree's own affair. */
  readonly git: (settings: RepositorySettings, uri: string) => Tree
  readonly native: (folder: string) => Tree
}

export interface BackendOptions {
  readonly trees: TreeOpeners
  readonly context: SourceContext
  readonly workingFolder: string
}

/** The source for one backend of the settings. */
export function openBackend(settings: BackendSettings, { trees, context, workingFolder }: BackendOptions): Source {
  switch (settings.type) {
    case 'native':
      return createNativeSource({ settings, openTree: trees.native, context, workingFolder })
    case 'git':
      return openGitBackend(settings, trees, context)
    default:
      return settings satisfies never
  }
}

/** How many repositories of an address with placeholders are kept open; the one that was used least recently gives way. */
const MAX_EXPANDED = 200

function openGitBackend(settings: GitSettings, trees: TreeOpeners, context: SourceContext): Source {
  const main = openRepository({ settings, trees, context, master: 'always' })
  if (settings.repos.length === 0) {
    const find = (request: ConfigRequest): Source => main.sourceFor(request, request.profiles.join(','))
    return {
      find: (request) => find(request).find(request),
      findFile: (request, path) => find(request).findFile(request, path),
      reach: (request, commit) => find(request).reach(request, commit),
      fetch: main.fetch,
      close: main.close,
    }
  }
  return createPatternSource({
    members: settings.repos.map((repo) => patternMember(repo, trees, context)),
    fallback: {
      defaultLabel: settings.defaultLabel,
      source: (request) => main.sourceFor(request, request.profiles.join(',')),
      fetch: main.fetch,
      close: main.close,
    },
    onTrouble: context.onTrouble,
  })
}

function patternMember(settings: PatternSettings, trees: TreeOpeners, context: SourceContext): PatternMember {
  const repository = openRepository({ settings, trees, context, master: 'by-default' })
  return {
    name: settings.name,
    defaultLabel: settings.defaultLabel,
    patterns: settings.patterns,
    strictness: settings.uri.includes('{') ? 'any-profile' : 'whole-list',
    candidates: (request) => request.profiles.toReversed().map((profile) => repository.sourceFor(request, profile)),
    fetch: repository.fetch,
    close: repository.close,
  }
}

interface Repository {
  /** The source for a request; only an address with placeholders has more than one. */
  readonly sourceFor: (request: ConfigRequest, profile: string) => Source
  readonly fetch: (signal: AbortSignal) => Promise<void>
  readonly close: () => Promise<void>
}

interface RepositoryOptions {
  readonly settings: RepositorySettings
  readonly trees: TreeOpeners
  readonly context: SourceContext
  readonly master: 'always' | 'by-default'
}

function openRepository(options: RepositoryOptions): Repository {
  const { settings } = options
  if (!settings.uri.includes('{')) {
    const source = openSource(options, settings.uri, settings.uri)
    return { sourceFor: () => source, fetch: source.fetch, close: source.close }
  }
  const sources = new LRUCache<string, Source>({ max: MAX_EXPANDED, dispose: (source) => void source.close() })
  return {
    sourceFor: (request, profile) => {
      const label = request.label ?? settings.defaultLabel
      const uri = expandAddress(settings.uri, { application: request.applications.join(','), profile, label })
      const source = sources.get(uri) ?? withoutBlame(openSource(options, uri, normalizeUri(uri)))
      sources.set(uri, source)
      return source
    },
    fetch: async (signal) => {
      await Promise.all([...sources.values()].map((source) => source.fetch(signal)))
    },
    close: async () => {
      await Promise.all([...sources.values()].map((source) => source.close()))
    },
  }
}

function openSource({ settings, trees, context, master }: RepositoryOptions, uri: string, shown: string): Source {
  return createGitSource({
    settings,
    uri: withoutCredentials(shown),
    tree: trees.git(settings, uri),
    context,
    takeUps: createTakeUps(),
    master,
  })
}

/** Which repository is meant was the request's choice: one that cannot be opened is not there, and no failure of the server. */
function withoutBlame(source: Source): Source {
  const blameless = (error: unknown): never => {
    if (!(error instanceof ServerError) || error.code !== 'repository-failed') throw error
    throw new ServerError('no-such-repository', error.message, { cause: error })
  }
  return {
    ...source,
    find: (request) => source.find(request).catch(blameless),
    findFile: (request, path) => source.findFile(request, path).catch(blameless),
  }
}

/** Spring trims an expanded address, and gives one without a path a final slash. */
function normalizeUri(uri: string): string {
  const trimmed = uri.replace(/\/+$/, '')
  return /^[^:]+:\/\/[^/]*$/.test(trimmed) ? `${trimmed}/` : trimmed
}

/** The user of ssh belongs to the place, as in `git@host:path`; its password does not. */
function withoutCredentials(uri: string): string {
  if (/^ssh:/i.test(uri)) return uri.replace(/^(ssh:\/\/[^/@:]*):[^/@]*@/i, '$1@')
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}
