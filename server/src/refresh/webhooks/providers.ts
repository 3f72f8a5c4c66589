import { type HookHeaders, headerOf } from './headers.js'
import { type JsonObject, listOf, memberOf, textOf } from './json.js'
import { gitea, gitlabToken, hub, hub256, ownToken, type Proof, standard } from './proofs.js'
import { type Moved, movedOf } from './refs.js'

export type HookEvent = 'push' | 'ping' | 'other'

/** What Carillon reads of one host's deliveries. Bodies are only looked at after the proof. */
export interface Provider {
  /** Accepted proofs, the strongest first. */
  readonly proofs: readonly Proof[]
  /** Headers that name a delivery, the best first: the same when the host sends it again. */
  readonly deliveryIds: readonly string[]
  readonly event: (headers: HookHeaders, body?: JsonObject) => HookEvent
  /** The refs that the body says were moved; empty where it says nothing that can be understood. */
  readonly moved: (body: JsonObject) => readonly Moved[]
  /** The address of the repository over HTTP, as the body says it. */
  readonly repository: (body: JsonObject) => string | undefined
}

export type ProviderName = 'github' | 'gitlab' | 'bitbucket' | 'gitea' | 'generic'

const oneRef = (body: JsonObject): readonly Moved[] => movedOf(textOf(body, 'ref'), textOf(body, 'after'))

const github: Provider = {
  proofs: [hub256],
  deliveryIds: ['x-github-delivery'],
  event: (headers) => eventOf(headerOf(headers, 'x-github-event'), { push: ['push'], ping: ['ping'] }),
  moved: oneRef,
  repository: (body) => textOf(body, 'repository', 'clone_url'),
}

/** A signed id comes first: nobody can change it to have a delivery taken twice. GitLab's test is a push. */
const gitlab: Provider = {
  proofs: [standard, gitlabToken],
  deliveryIds: ['webhook-id', 'idempotency-key'],
  event: (headers, body) => {
    const event = headerOf(headers, 'x-gitlab-event')
    if (event === 'System Hook') return eventOf(textOf(body, 'event_name'), { push: ['push', 'tag_push', 'repository_update'] })
    return eventOf(event, { push: ['Push Hook', 'Tag Push Hook'] })
  },
  moved: oneRef,
  repository: (body) => textOf(body, 'project', 'git_http_url') ?? textOf(body, 'repository', 'git_http_url'),
}

/** Bitbucket Cloud (`push.changes`) and Data Center (`changes`). */
const bitbucket: Provider = {
  proofs: [hub256, hub],
  deliveryIds: ['x-request-uuid', 'x-request-id'],
  event: (headers) =>
    eventOf(headerOf(headers, 'x-event-key'), {
      push: ['repo:push', 'repo:refs_changed', 'pullrequest:fulfilled', 'pr:merged'],
      ping: ['diagnostics:ping'],
    }),
  moved: (body) => [
    ...(listOf(body, 'push', 'changes') ?? []).flatMap(cloudChange),
    ...(listOf(body, 'changes') ?? []).flatMap((change) => movedOf(textOf(change, 'ref', 'id'), textOf(change, 'toHash'))),
  ],
  repository: (body) => {
    const links = listOf(body, 'repository', 'links', 'clone') ?? []
    const http = links.find((link) => ['http', 'https'].includes(textOf(link, 'name') ?? ''))
    return textOf(http, 'href') ?? textOf(body, 'repository', 'links', 'html', 'href')
  },
}

/** Gitea, Forgejo and Gogs. A deleted branch is told by `delete` alone. */
const giteaLike: Provider = {
  proofs: [gitea, hub256],
  deliveryIds: ['x-gitea-delivery', 'x-gogs-delivery'],
  event: (headers) =>
    eventOf(headerOf(headers, 'x-gitea-event') ?? headerOf(headers, 'x-gogs-event'), { push: ['push', 'create', 'delete'] }),
  moved: (body) => {
    const type = textOf(body, 'ref_type')
    return type === undefined ? oneRef(body) : movedOf(fullRef(type, textOf(body, 'ref')), textOf(body, 'sha'))
  },
  repository: (body) => textOf(body, 'repository', 'clone_url'),
}

/** A script (`{"repository": …, "ref": …, "commit": …}`, all optional), Azure DevOps (`git.push`) and Gerrit (`ref-updated`). */
const generic: Provider = {
  proofs: [standard, hub256, hub, ownToken],
  deliveryIds: ['webhook-id', 'idempotency-key'],
  event: (_headers, body) => {
    const said = textOf(body, 'eventType') ?? textOf(body, 'type')
    return said === undefined ? 'push' : eventOf(said, { push: ['git.push', 'ref-updated'] })
  },
  moved: (body) => {
    const updates = listOf(body, 'resource', 'refUpdates')
    if (updates !== undefined) return updates.flatMap((update) => movedOf(textOf(update, 'name'), textOf(update, 'newObjectId')))
    if (memberOf(body, 'refUpdate') !== undefined) return movedOf(textOf(body, 'refUpdate', 'refName'), textOf(body, 'refUpdate', 'newRev'))
    return movedOf(textOf(body, 'ref'), textOf(body, 'commit') ?? textOf(body, 'after'))
  },
  repository: (body) =>
    textOf(body, 'resource', 'repository', 'remoteUrl') ?? textOf(body, 'repository', 'clone_url') ?? textOf(body, 'repository'),
}

export const providers: Readonly<Record<ProviderName, Provider>> = { github, gitlab, bitbucket, gitea: giteaLike, generic }

interface Events {
  readonly push: readonly string[]
  readonly ping?: readonly string[]
}

function eventOf(event: string | undefined, { push, ping = [] }: Events): HookEvent {
  if (event === undefined) return 'other'
  return push.includes(event) ? 'push' : ping.includes(event) ? 'ping' : 'other'
}

/** `new` is null where the ref was deleted. */
function cloudChange(change: unknown): readonly Moved[] {
  const side = memberOf(change, 'new') ?? memberOf(change, 'old')
  const commit = textOf(change, 'new', 'target', 'hash')
  return movedOf(fullRef(textOf(side, 'type') ?? '', textOf(side, 'name')), commit)
}

function fullRef(type: string, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return type === 'tag' ? `refs/tags/${name}` : type.endsWith('branch') ? `refs/heads/${name}` : undefined
}
