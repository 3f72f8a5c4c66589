import { expect } from 'chai'
import type { ProviderName } from '../../../../server/src/refresh/webhooks/providers.js'
import type { Hint } from '../../../../server/src/refresh/webhooks/result.js'
import { COMMIT, type Delivery, deliver, hex, SECRET, standardHeaders, ZEROS } from './deliver.js'

type Seen = Omit<Hint, 'kind' | 'names'> | string
type Row = readonly [what: string, event: string | undefined, body: object, expected: Seen]

const signers: Readonly<Record<ProviderName, (event: string | undefined, body: object) => Delivery>> = {
  github: (event = '', body) => ({ body, headers: { 'x-github-event': event, 'x-hub-signature-256': `sha256=${hex(body)}` } }),
  gitlab: (event = '', body) => ({ body, headers: { 'x-gitlab-event': event, 'x-gitlab-token': SECRET } }),
  bitbucket: (event = '', body) => ({ body, headers: { 'x-event-key': event, 'x-hub-signature': `sha256=${hex(body)}` } }),
  gitea: (event = '', body) => ({
    body,
    headers: { 'x-gitea-event': event, 'x-gogs-event': event, 'x-github-event': event, 'x-gitea-signature': hex(body) },
  }),
  generic: (_event, body) => ({ body, headers: standardHeaders(body) }),
}

const push = (ref: string, after = COMMIT, more: object = {}): object => ({ ref, before: '2'.repeat(40), after, ...more })
const main = { ref: 'refs/heads/main', commit: COMMIT }
const cloudSide = (name: string, type = 'branch'): object => ({ type, name, target: { hash: COMMIT } })
const cloud = (...changes: readonly object[]): object => ({ push: { changes } })
const dataCenter = (...refs: readonly string[]): object => ({
  changes: refs.map((id) => ({ ref: { id }, toHash: COMMIT, type: 'UPDATE' })),
})

const github = 'https://github.example/acme/cfg.git'
const tables: Readonly<Record<ProviderName, readonly Row[]>> = {
  github: [
    ['a push', 'push', push('refs/heads/main', COMMIT, { repository: { clone_url: github } }), { ...main, repository: github }],
    ['a push to a branch with a slash', 'push', push('refs/heads/release/1.x'), { ref: 'refs/heads/release/1.x', commit: COMMIT }],
    ['a SHA-256 commit', 'push', push('refs/heads/main', 'a'.repeat(64)), { ref: 'refs/heads/main', commit: 'a'.repeat(64) }],
    ['a deleted branch', 'push', { ...push('refs/heads/main', ZEROS), deleted: true }, { ref: 'refs/heads/main' }],
    ['a tag', 'push', push('refs/tags/v1'), { ref: 'refs/tags/v1', commit: COMMIT }],
    ['a push without a ref', 'push', {}, {}],
    ['a ref that is none', 'push', push('main\nrefs/heads/x'), {}],
    ['a commit that is none', 'push', push('refs/heads/main', '__proto__'), { ref: 'refs/heads/main' }],
    ['credentials in the address', 'push', { repository: { clone_url: 'https://u:p@h/r.git' } }, { repository: 'https://h/r.git' }],
    ['another namespace', 'push', push('refs/notes/x'), 'ignored'],
    ['a ping', 'ping', { zen: 'x' }, 'ping'],
    ['another event', 'pull_request', { action: 'closed' }, 'ignored'],
    ['no event', '', {}, 'ignored'],
  ],
  gitlab: [
    ['a push', 'Push Hook', push('refs/heads/main', COMMIT, { project: { git_http_url: github } }), { ...main, repository: github }],
    ['a tag', 'Tag Push Hook', push('refs/tags/v1'), { ref: 'refs/tags/v1', commit: COMMIT }],
    ['a deleted branch', 'Push Hook', push('refs/heads/main', ZEROS), { ref: 'refs/heads/main' }],
    ['a push told by a system hook', 'System Hook', push('refs/heads/main', COMMIT, { event_name: 'push' }), main],
    ['another system hook', 'System Hook', { event_name: 'project_create' }, 'ignored'],
    ['a merge request', 'Merge Request Hook', {}, 'ignored'],
  ],
  bitbucket: [
    ['a push (Cloud)', 'repo:push', cloud({ new: cloudSide('main'), old: cloudSide('main') }), main],
    ['a tag (Cloud)', 'repo:push', cloud({ new: cloudSide('v1', 'tag'), old: null }), { ref: 'refs/tags/v1', commit: COMMIT }],
    ['a deleted branch (Cloud)', 'repo:push', cloud({ new: null, old: cloudSide('main') }), { ref: 'refs/heads/main' }],
    ['two branches (Cloud)', 'repo:push', cloud({ new: cloudSide('a') }, { new: cloudSide('b') }), {}],
    ['an address (Cloud)', 'repo:push', { repository: { links: { html: { href: 'https://h/a/b' } } } }, { repository: 'https://h/a/b' }],
    ['a push (Data Center)', 'repo:refs_changed', dataCenter('refs/heads/main'), main],
    [
      'an address (Data Center)',
      'repo:refs_changed',
      {
        repository: {
          links: {
            clone: [
              { name: 'ssh', href: 'ssh://git@h/a/b.git' },
              { name: 'http', href: 'https://h/scm/a/b.git' },
            ],
          },
        },
      },
      { repository: 'https://h/scm/a/b.git' },
    ],
    ['a merge', 'pr:merged', { pullRequest: {} }, {}],
    ['a signed test', 'diagnostics:ping', { test: true }, 'ping'],
    ['another event', 'issue:created', {}, 'ignored'],
  ],
  gitea: [
    ['a push', 'push', push('refs/heads/main', COMMIT, { repository: { clone_url: github } }), { ...main, repository: github }],
    ['a deleted branch', 'delete', { ref: 'main', ref_type: 'branch' }, { ref: 'refs/heads/main' }],
    ['a new tag', 'create', { ref: 'v1', ref_type: 'tag', sha: COMMIT }, { ref: 'refs/tags/v1', commit: COMMIT }],
    ['another event', 'issues', {}, 'ignored'],
  ],
  generic: [
    ['nothing but a signature', undefined, {}, {}],
    ['what a script knows', undefined, { repository: github, ref: 'refs/heads/main', commit: COMMIT }, { ...main, repository: github }],
    [
      'a push of Azure DevOps',
      undefined,
      {
        eventType: 'git.push',
        resource: {
          refUpdates: [{ name: 'refs/heads/main', newObjectId: COMMIT }],
          repository: { remoteUrl: 'https://dev.azure.com/o/p/_git/r' },
        },
      },
      { ...main, repository: 'https://dev.azure.com/o/p/_git/r' },
    ],
    ['another event of Azure DevOps', undefined, { eventType: 'build.complete' }, 'ignored'],
    ['a push of Gerrit', undefined, { type: 'ref-updated', refUpdate: { refName: 'refs/heads/main', newRev: COMMIT } }, main],
    ['a change of Gerrit', undefined, { type: 'ref-updated', refUpdate: { refName: 'refs/changes/1/1/meta', newRev: COMMIT } }, 'ignored'],
    ['another event of Gerrit', undefined, { type: 'comment-added' }, 'ignored'],
  ],
}

describe('receiveWebhook: what it reads', () => {
  for (const [provider, rows] of Object.entries(tables) as [ProviderName, readonly Row[]][]) {
    for (const [what, event, body, expected] of rows) {
      it(`${provider}: ${what}`, () => {
        const { status, outcome, hint } = deliver(provider, signers[provider](event, body))
        if (typeof expected === 'string') {
          expect({ status, outcome, hint }).to.deep.equal({ status: 200, outcome: expected, hint: undefined })
        } else {
          expect({ status, outcome, hint }).to.deep.equal({
            status: 202,
            outcome: 'accepted',
            hint: { kind: 'look', names: [], ...expected },
          })
        }
      })
    }
  }
})
