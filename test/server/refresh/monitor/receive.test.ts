import { expect } from 'chai'
import fc from 'fast-check'
import { type MonitorOptions, type MonitorRequest, receiveMonitor } from '../../../../server/src/refresh/monitor/receive.js'
import type { HookResult } from '../../../../server/src/refresh/webhooks/result.js'
import { bytesOf, COMMIT, hex, SECRET, standardHeaders, ZEROS } from '../webhooks/deliver.js'
import { monitorOptions } from './options.js'

interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object | string
  readonly caller?: MonitorRequest['caller']
  readonly query?: string
  readonly options?: Partial<MonitorOptions>
}

function ask({ headers = {}, body = {}, caller = 'anyone', query = '', options = {} }: Asking): HookResult {
  const request = { headers: { 'content-type': 'application/json', ...headers }, body: bytesOf(body), caller, query }
  return receiveMonitor(request, monitorOptions(options))
}

const push = (ref: string, files: readonly string[] = ['orders.yml'], after = COMMIT): object => ({
  ref,
  after,
  repository: { clone_url: 'https://git.example/acme/cfg.git' },
  commits: [{ modified: files }],
})
const github = { 'x-github-event': 'push' }

describe('receiveMonitor: hints', () => {
  const where = { repository: 'https://git.example/acme/cfg.git', ref: 'refs/heads/main', commit: COMMIT }
  const rows: readonly (readonly [string, Asking, HookResult['hint']])[] = [
    [
      'a push of GitHub is a hint to look',
      { headers: github, body: push('refs/heads/main') },
      { kind: 'look', names: ['orders'], ...where },
    ],
    ['a push without names is one, too', { headers: github, body: push('refs/heads/main', []) }, { kind: 'look', names: [], ...where }],
    [
      'a deletion has no commit',
      { headers: github, body: push('refs/heads/main', [], ZEROS) },
      { kind: 'look', names: [], repository: where.repository, ref: where.ref },
    ],
    [
      'a real push of Gitea is read as that of GitHub',
      { headers: { ...github, 'x-gitea-event': 'push', 'x-gogs-event': 'push' }, body: push('refs/heads/main') },
      { kind: 'look', names: ['orders'], ...where },
    ],
    [
      'a push of Bitbucket means everybody',
      { headers: { 'x-event-key': 'pr:merged', 'x-request-id': '1' } },
      { kind: 'look', names: ['*'] },
    ],
    [
      'a push of Gitee',
      { headers: { 'x-git-oschina-event': 'Push Hook' }, body: push('refs/heads/main') },
      { kind: 'look', names: ['orders'], ...where },
    ],
    [
      'more commits than any host lists mean everybody',
      { headers: github, body: { commits: Array.from({ length: 10_001 }, () => ({ added: ['a'] })) } },
      { kind: 'look', names: ['*'] },
    ],
    ['a path is a command', { body: { path: 'orders-dev.yml' } }, { kind: 'announce', names: ['orders-dev', 'orders'] }],
    [
      'a form is a command',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'path=*' },
      { kind: 'announce', names: ['*'] },
    ],
    [
      'a form may say it in the query',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '', query: 'path=orders' },
      { kind: 'announce', names: ['orders'] },
    ],
    ['a command without names asks for nothing', { body: { path: [] } }, undefined],
    ['a ping asks for nothing', { headers: { 'x-github-event': 'ping' } }, undefined],
    ['another event asks for nothing', { headers: { 'x-github-event': 'issues' }, body: push('refs/heads/main') }, undefined],
    ['nothing known asks for nothing', { body: push('refs/heads/main') }, undefined],
    ['another branch asks for nothing', { headers: github, body: push('refs/heads/x'), options: { branches: ['main'] } }, undefined],
    [
      'a command is for whatever branch',
      { headers: github, body: { ref: 'refs/heads/x', path: 'orders' }, options: { branches: ['main'] } },
      { kind: 'announce', names: ['orders'] },
    ],
    [
      'a host that is switched off asks for nothing',
      { headers: github, body: push('refs/heads/main'), options: { disabled: ['github'] } },
      undefined,
    ],
    [
      'ignored paths name nobody',
      { body: { path: ['docs/guide.md', 'orders.yml', 'x/docs/a.md'] }, options: { ignoredPaths: [/docs\/.*/, /.*\.txt/] } },
      { kind: 'announce', names: ['orders', 'a'] },
    ],
  ]
  for (const [what, asking, hint] of rows) {
    it(what, () => {
      const result = ask(asking)
      expect(result.hint).to.deep.equal(hint)
      expect(result.status).to.equal(200)
      expect(result.body).to.deep.equal(hint?.names ?? [])
    })
  }
})

describe('receiveMonitor: sizes', () => {
  it('refuses a form that is larger than any that Tomcat takes apart', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(ask({ headers, body: `path=${','.repeat(2_097_148)}` }).status).to.equal(400)
  })
})

describe('receiveMonitor: authenticity', () => {
  const secrets = [SECRET, 'whsec_AAAA']
  const body = push('refs/heads/main')
  const rows: readonly (readonly [string, Asking, number])[] = [
    ['nothing', { body }, 401],
    ['Basic credentials', { body, caller: 'known' }, 200],
    ['wrong credentials', { body, caller: 'unknown' }, 401],
    ['a signature of GitHub', { body, headers: { 'x-hub-signature-256': `sha256=${hex(body)}` } }, 200],
    ['a wrong signature', { body, headers: { 'x-hub-signature-256': `sha256=${hex('x')}` } }, 401],
    ['a wrong signature beside credentials', { body, headers: { 'x-hub-signature-256': 'sha256=00' }, caller: 'known' }, 401],
    ['a signature of Bitbucket', { body, headers: { 'x-hub-signature': `sha256=${hex(body)}` } }, 200],
    ['a signature of Gitea', { body, headers: { 'x-gitea-signature': hex(body), 'x-hub-signature': 'sha1=00' } }, 200],
    ['a signature of Gogs', { body, headers: { 'x-gogs-signature': hex(body) } }, 200],
    ['a token of GitLab', { body, headers: { 'x-gitlab-token': SECRET } }, 200],
    ['a token of Gitee', { body, headers: { 'x-gitee-token': SECRET } }, 200],
    ['a wrong token', { body, headers: { 'x-gitlab-token': 'x' } }, 401],
    ['a signature of GitLab', { body, headers: standardHeaders(body, { key: 'whsec_AAAA' }) }, 200],
    ['a late signature of GitLab', { body, headers: standardHeaders(body, { key: 'whsec_AAAA', at: 0 }) }, 401],
    ['the unsigned test of Bitbucket', { headers: { 'x-event-key': 'diagnostics:ping' } }, 200],
  ]
  for (const [what, asking, status] of rows) {
    it(`${what}: ${status}`, () => expect(ask({ ...asking, options: { secrets } }).status).to.equal(status))
  }

  it('gives the unsigned test of Bitbucket no way round', () => {
    const { hint, body: answer } = ask({ headers: { 'x-event-key': 'diagnostics:ping' }, body: { path: '*' }, options: { secrets } })
    expect({ hint, answer }).to.deep.equal({ hint: undefined, answer: [] })
  })
  it('needs the credentials of a user where there are no secrets', () => expect(ask({ body, caller: 'unknown' }).status).to.equal(401))
})

describe('receiveMonitor: anything at all', () => {
  it('never throws and is never the fault of the server', () => {
    const header = fc.constantFrom(
      'content-type',
      'x-github-event',
      'x-gitlab-event',
      'x-event-key',
      'x-hook-uuid',
      'x-gitea-event',
      'x-hub-signature-256',
    )
    const value = fc.oneof(fc.constantFrom('push', 'Push Hook', 'repo:push', 'application/x-www-form-urlencoded', 'sha256='), fc.string())
    const member = fc.constantFrom('path', 'commits', 'added', 'removed', 'modified', 'push', 'changes', '__proto__')
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, 1, 'orders.yml', true),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(fc.tuple(member, tie('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
      ),
    })).value
    const asking = fc.record({
      headers: fc.dictionary(header, value),
      body: fc.oneof(
        json.map((given) => JSON.stringify(given)),
        fc.string(),
        fc.webQueryParameters(),
      ),
      query: fc.webQueryParameters(),
      options: fc.record({ secrets: fc.constantFrom<readonly string[]>([], [SECRET]) }),
    })
    fc.assert(
      fc.property(asking, (given) => {
        const { status, body, hint } = ask(given)
        expect(status).to.be.oneOf([200, 400, 401, 415])
        if (status === 200) expect(body).to.deep.equal(hint?.names ?? [])
        if (given.options.secrets.length > 0) expect(hint).to.equal(undefined)
      }),
      { numRuns: 1_000 },
    )
  })
})
