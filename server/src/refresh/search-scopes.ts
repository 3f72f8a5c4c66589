import { isValidProfile } from '../resolution/profiles.js'
import { type Audience, EVERYBODY, gather } from './audience.js'
import type { Concern } from './concern.js'
import { remember } from './remember.js'

/** Who searches a folder (`''` is the root): nobody, or those whom the placeholders of the search paths bind. */
export type SearchScopes = (folder: string) => Audience

/**
 * Reads search paths backwards: not which folders a request searches (`matchFolders`), but which requests search a folder. The root is searched by
 * all. An application may hold `/`, so `{application}` may stand for several segments.
 */
export function searchScopes(searchPaths: readonly string[], label: string): SearchScopes {
  const patterns = searchPaths.map((path) => tokensOf(path.replaceAll('{label}', () => label))).filter((tokens) => tokens !== undefined)
  return remember((folder) => (folder === '' ? [EVERYBODY] : scopesOf(patterns, folder)))
}

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'below' }
  | { readonly kind: 'application' }
  | { readonly kind: 'profile' }

/** `undefined` for a path that would leave the repository. */
function tokensOf(path: string): readonly Token[] | undefined {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..')) return undefined
  return segments.flatMap((segment, index): readonly Token[] => {
    const isLast = index === segments.length - 1
    if (segment === '**') return [{ kind: isLast ? 'below' : 'folders' }]
    return [...segmentTokens(segment), ...(isLast ? [] : [{ kind: 'text', text: '/' } as const])]
  })
}

function segmentTokens(segment: string): readonly Token[] {
  return segment
    .split(/(\{application\}|\{profile\}|\*+)/)
    .filter((part) => part !== '')
    .map((part): Token => {
      if (part === '{application}') return { kind: 'application' }
      if (part === '{profile}') return { kind: 'profile' }
      return part.startsWith('*') ? { kind: 'any' } : { kind: 'text', text: part }
    })
}

function scopesOf(patterns: readonly (readonly Token[])[], folder: string): Audience {
  const scopes = gather()
  for (const tokens of patterns) {
    for (const scope of bind({ folder, tokens }, { token: 0, from: 0, scope: EVERYBODY })) scopes.add(scope)
  }
  return scopes.all()
}

interface Matching {
  readonly folder: string
  readonly tokens: readonly Token[]
}

interface Step {
  readonly token: number
  readonly from: number
  readonly scope: Concern
}

function* bind(matching: Matching, step: Step): Generator<Concern> {
  const token = matching.tokens[step.token]
  if (token === undefined) {
    if (step.from === matching.folder.length) yield step.scope
    return
  }
  for (const { end, scope } of endsOf(token, matching.folder, step)) yield* bind(matching, { token: step.token + 1, from: end, scope })
}

type Ends = Generator<{ readonly end: number; readonly scope: Concern }>

/** Each way in which a token may go on from here. */
function endsOf(token: Token, folder: string, step: Step): Ends {
  switch (token.kind) {
    case 'text':
      return textEnd(token.text, folder, step)
    case 'any':
      return charactersEnds(folder, step)
    case 'folders':
      return foldersEnds(folder, step)
    case 'below':
      return belowEnd(folder, step)
    case 'application':
      return applicationEnds(folder, step)
    case 'profile':
      return profileEnds(folder, step)
    default:
      throw new Error(`unknown token ${JSON.stringify(token satisfies never)}`)
  }
}

function* textEnd(text: string, folder: string, { from, scope }: Step): Ends {
  if (folder.startsWith(text, from)) yield { end: from + text.length, scope }
}

function* charactersEnds(folder: string, { from, scope }: Step): Ends {
  yield { end: from, scope }
  for (let end = from; end < folder.length && folder[end] !== '/'; end++) yield { end: end + 1, scope }
}

function* foldersEnds(folder: string, { from, scope }: Step): Ends {
  yield { end: from, scope }
  for (let slash = folder.indexOf('/', from); slash !== -1; slash = folder.indexOf('/', slash + 1)) yield { end: slash + 1, scope }
}

function* belowEnd(folder: string, { from, scope }: Step): Ends {
  if (from < folder.length) yield { end: folder.length, scope }
}

function* applicationEnds(folder: string, { from, scope }: Step): Ends {
  for (let end = from + 1; end <= folder.length; end++) {
    const application = folder.slice(from, end)
    if (isApplication(application) && fits(scope.application, application)) yield { end, scope: { ...scope, application } }
  }
}

function* profileEnds(folder: string, { from, scope }: Step): Ends {
  const bound = scope.profiles === '*' ? '*' : scope.profiles[0]
  for (let end = from + 1; end <= folder.length && folder[end - 1] !== '/'; end++) {
    const profile = folder.slice(from, end)
    if (isValidProfile(profile) && fits(bound, profile)) yield { end, scope: { ...scope, profiles: [profile] } }
  }
}

/** A placeholder that stands twice in a pattern means the same each time. */
function fits(bound: string | undefined, text: string): boolean {
  return bound === '*' || bound === text
}

/** What a request may name. `*` and `,` never are part of a name, and no clean path begins or ends with `/`. */
export function isApplication(text: string): boolean {
  return text !== '' && !/[*,#]|\.\.|^\/|\/$/.test(text)
}
