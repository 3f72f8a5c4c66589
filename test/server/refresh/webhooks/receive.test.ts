import { expect } from 'chai'
import fc from 'fast-check'
import type { ProviderName } from '../../../../server/src/refresh/webhooks/providers.js'
import { COMMIT, type Delivery, deliver, hex, NOW, OLD_SECRET, optionsWith, SECRET, SIGNING_KEY, standardHeaders } from './deliver.js'

const body = { ref: 'refs/heads/main', after: COMMIT }
const hub = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${hex(body)}` }
const gitlab = { 'x-gitlab-event': 'Push Hook' }
const bitbucket = { 'x-event-key': 'repo:refs_changed' }
const gitea = { 'x-gitea-event': 'push' }

describe('receiveWebhook: authenticity', () => {
  const rows: readonly (readonly [string, ProviderName, Delivery, 'accepted' | RegExp])[] = [
    ['GitHub, signed', 'github', { headers: hub, body }, 'accepted'],
    [
      'GitHub, signed with the older secret',
      'github',
      { headers: { ...hub, 'x-hub-signature-256': `sha256=${hex(body, OLD_SECRET)}` }, body },
      'accepted',
    ],
    [
      'GitHub, digest in upper case',
      'github',
      { headers: { ...hub, 'x-hub-signature-256': `sha256=${hex(body).toUpperCase()}` }, body },
      'accepted',
    ],
    [
      'GitHub, signed with another secret',
      'github',
      { headers: { ...hub, 'x-hub-signature-256': `sha256=${hex(body, 'x')}` }, body },
      /does not fit the \d+ bytes/,
    ],
    ['GitHub, one byte more in the body', 'github', { headers: hub, body: `${JSON.stringify(body)} ` }, /does not fit/],
    ['GitHub, without a signature', 'github', { headers: { 'x-github-event': 'push' }, body }, /no proof.*X-Hub-Signature-256/],
    ['GitHub, empty signature', 'github', { headers: { ...hub, 'x-hub-signature-256': '' }, body }, /is empty/],
    ['GitHub, cut signature', 'github', { headers: { ...hub, 'x-hub-signature-256': 'sha256=00' }, body }, /64 hexadecimal/],
    ['GitHub, bare digest', 'github', { headers: { ...hub, 'x-hub-signature-256': hex(body) }, body }, /64 hexadecimal/],
    ['GitHub, SHA-1 only', 'github', { headers: { 'x-github-event': 'push', 'x-hub-signature': 'sha1=00' }, body }, /no proof/],
    ['GitHub, a token of another host', 'github', { headers: { 'x-github-event': 'push', 'x-gitlab-token': SECRET }, body }, /no proof/],
    [
      'GitHub, a ping with a wrong signature',
      'github',
      { headers: { 'x-github-event': 'ping', 'x-hub-signature-256': 'sha256=00' } },
      /64 hexadecimal/,
    ],
    ['GitHub, the unsigned test of another host', 'github', { headers: { 'x-event-key': 'diagnostics:ping' } }, /no proof/],
    ['GitLab, token', 'gitlab', { headers: { ...gitlab, 'x-gitlab-token': SECRET }, body }, 'accepted'],
    [
      'GitLab, wrong token',
      'gitlab',
      { headers: { ...gitlab, 'x-gitlab-token': `${SECRET}x` }, body },
      /X-Gitlab-Token is not a live secret/,
    ],
    ['GitLab, empty token', 'gitlab', { headers: { ...gitlab, 'x-gitlab-token': '' }, body }, /is empty/],
    ['GitLab, no token', 'gitlab', { headers: gitlab, body }, /no proof/],
    ['GitLab, signed', 'gitlab', { headers: { ...gitlab, ...standardHeaders(body) }, body }, 'accepted'],
    ['GitLab, signed, several signatures', 'gitlab', { headers: severalSignatures(), body }, 'accepted'],
    [
      'GitLab, signed with another key',
      'gitlab',
      { headers: { ...gitlab, ...standardHeaders(body, { key: 'whsec_AAAA' }) }, body },
      /does not fit/,
    ],
    ['GitLab, signed 300 s ago', 'gitlab', { headers: { ...gitlab, ...standardHeaders(body, { at: NOW - 300_000 }) }, body }, 'accepted'],
    [
      'GitLab, signed 301 s ago',
      'gitlab',
      { headers: { ...gitlab, ...standardHeaders(body, { at: NOW - 301_000 }) }, body },
      /301 s away.*at most 300 s/,
    ],
    [
      'GitLab, signed 301 s ahead',
      'gitlab',
      { headers: { ...gitlab, ...standardHeaders(body, { at: NOW + 301_000 }) }, body },
      /301 s away/,
    ],
    [
      'GitLab, another id than signed',
      'gitlab',
      { headers: { ...gitlab, ...standardHeaders(body), 'webhook-id': 'x' }, body },
      /does not fit/,
    ],
    [
      'GitLab, another time than signed',
      'gitlab',
      { headers: { ...gitlab, ...standardHeaders(body), 'webhook-timestamp': String(NOW / 1000 + 1) }, body },
      /does not fit/,
    ],
    [
      'GitLab, a time that is none',
      'gitlab',
      { headers: { ...gitlab, ...standardHeaders(body), 'webhook-timestamp': '1e9' }, body },
      /needs webhook-id/,
    ],
    [
      'GitLab, a late signature beside a good token',
      'gitlab',
      { headers: { ...gitlab, ...standardHeaders(body, { at: 0 }), 'x-gitlab-token': SECRET }, body },
      /away/,
    ],
    ['Bitbucket, signed', 'bitbucket', { headers: { ...bitbucket, 'x-hub-signature': `sha256=${hex(body)}` }, body }, 'accepted'],
    ['Bitbucket, wrong', 'bitbucket', { headers: { ...bitbucket, 'x-hub-signature': `sha256=${hex(body, 'x')}` }, body }, /does not fit/],
    ['Bitbucket, SHA-1', 'bitbucket', { headers: { ...bitbucket, 'x-hub-signature': 'sha1=00' }, body }, /no proof/],
    [
      'Bitbucket, a test with a wrong signature',
      'bitbucket',
      { headers: { 'x-event-key': 'diagnostics:ping', 'x-hub-signature': 'sha256=0' } },
      /64 hexadecimal/,
    ],
    ['Gitea, signed', 'gitea', { headers: { ...gitea, 'x-gitea-signature': hex(body) }, body }, 'accepted'],
    ['Gitea, signed as GitHub does', 'gitea', { headers: { ...gitea, 'x-hub-signature-256': `sha256=${hex(body)}` }, body }, 'accepted'],
    [
      'Gitea, without a secret',
      'gitea',
      { headers: { ...gitea, 'x-gitea-signature': '', 'x-hub-signature-256': 'sha256=' }, body },
      /is empty: the hook has no secret/,
    ],
    ['Gitea, the digest of no secret', 'gitea', { headers: { ...gitea, 'x-gitea-signature': hex(body, '') }, body }, /does not fit/],
    ['generic, token', 'generic', { headers: { 'x-carillon-token': SECRET }, body }, 'accepted'],
    ['generic, digest', 'generic', { headers: { 'x-hub-signature-256': `sha256=${hex('')}` }, body: '' }, 'accepted'],
    ['generic, nothing', 'generic', { body }, /no proof/],
    ['Basic credentials instead of a proof', 'generic', { body, caller: 'known' }, 'accepted'],
    [
      'Basic credentials beside an empty proof',
      'gitea',
      { headers: { ...gitea, 'x-gitea-signature': '' }, body, caller: 'known' },
      'accepted',
    ],
    [
      'Basic credentials beside a wrong proof',
      'github',
      { headers: { ...hub, 'x-hub-signature-256': `sha256=${hex('x')}` }, body, caller: 'known' },
      /does not fit/,
    ],
    ['wrong credentials and no proof', 'generic', { body, caller: 'unknown' }, /no proof/],
    ['wrong credentials and a good proof', 'github', { headers: hub, body, caller: 'unknown' }, 'accepted'],
  ]
  for (const [what, provider, delivery, expected] of rows) {
    it(`${what}: ${expected === 'accepted' ? 'accepted' : 'refused'}`, () => {
      const { status, outcome, reason, hint, body: answer } = deliver(provider, delivery)
      if (expected === 'accepted') {
        expect({ status, outcome }).to.deep.equal({ status: 202, outcome: 'accepted' })
        return
      }
      expect({ status, outcome, hint }).to.deep.equal({ status: 401, outcome: 'refused', hint: undefined })
      expect(reason).to.match(expected)
      expect(answer).to.deep.equal({ status: 401, error: 'Unauthorized', message: reason, reference: 'd-1' })
    })
  }

  it('says nothing of a secret', () => {
    const answers = rows.map(([, provider, delivery]) => JSON.stringify(deliver(provider, delivery))).join('\n')
    for (const secret of [SECRET, OLD_SECRET, SIGNING_KEY]) expect(answers).not.to.include(secret)
  })

  const open = optionsWith({ secrets: [] })
  it('is open where there are neither secrets nor users', () =>
    expect(deliver('github', { headers: hub, body }, open).outcome).to.equal('accepted'))
  it('needs the credentials of a user where there are no secrets', () => {
    expect(deliver('github', { headers: hub, body, caller: 'unknown' }, optionsWith({ secrets: [] }))).to.include({
      status: 401,
      outcome: 'refused',
    })
    expect(deliver('github', { headers: hub, body, caller: 'known' }, optionsWith({ secrets: [] })).outcome).to.equal('accepted')
  })
  it('answers the unsigned test of Bitbucket Data Center', () => {
    expect(deliver('bitbucket', { headers: { 'x-event-key': 'diagnostics:ping' }, body: { test: true } })).to.include({
      status: 200,
      outcome: 'ping',
    })
  })
})

function severalSignatures(): Readonly<Record<string, string>> {
  const headers = standardHeaders(body)
  return { ...gitlab, ...headers, 'webhook-signature': `v2,x v1,AAAA ${headers['webhook-signature']}` }
}

describe('receiveWebhook: forms and broken bodies', () => {
  const form = (text: string): Delivery => ({
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${hex(text)}`,
    },
    body: text,
  })
  const json = (text: string): Delivery => ({
    headers: { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${hex(text)}` },
    body: text,
  })

  it('reads the payload of a form, signed as it was sent', () => {
    const { outcome, hint } = deliver('github', form(`payload=${encodeURIComponent(JSON.stringify(body))}`))
    expect({ outcome, hint }).to.deep.equal({
      outcome: 'accepted',
      hint: { kind: 'look', names: [], ref: 'refs/heads/main', commit: COMMIT },
    })
  })

  it('finds the payload among other fields', () => {
    const text = `xpayload=1&payload=${encodeURIComponent(JSON.stringify(body)).replaceAll('%22', '"')}&payload=2`
    expect(deliver('github', form(text)).hint?.ref).to.equal('refs/heads/main')
  })

  it('is not misled by brackets in a text', () => {
    expect(deliver('github', json(JSON.stringify({ ...body, message: `\\"${'['.repeat(500)}` }))).outcome).to.equal('accepted')
  })

  const rows: readonly (readonly [string, Delivery, string])[] = [
    ['deep nesting', json(`${'{"a":'.repeat(101)}1${'}'.repeat(101)}`), 'The body is nested more than 100 levels deep.'],
    ['a form without payload', form('path=x'), 'The form has no field "payload".'],
    ['a form with a broken payload', form('payload={'), 'The body is not JSON.'],
    ['an empty body', json(''), 'The body is empty: expected a JSON object.'],
    ['broken JSON', json('{"a":'), 'The body is not JSON.'],
    ['a list', json('[]'), 'The body is a list: expected a JSON object.'],
    ['null', json('null'), 'The body is null: expected a JSON object.'],
    ['a number', json('1'), 'The body is a number: expected a JSON object.'],
  ]
  for (const [what, delivery, reason] of rows) {
    it(`refuses ${what}`, () => expect(deliver('github', delivery)).to.include({ status: 400, outcome: 'refused', reason }))
  }
})

describe('receiveWebhook: what is not looked at', () => {
  const pushTo = (ref: string, branches: readonly string[]): string => {
    const sent = { ref, after: COMMIT }
    return deliver('generic', { headers: standardHeaders(sent), body: sent }, optionsWith({ branches })).outcome
  }
  const rows: readonly (readonly [string, readonly string[], string])[] = [
    ['refs/heads/main', [], 'accepted'],
    ['refs/heads/main', ['main'], 'accepted'],
    ['refs/heads/mainly', ['main'], 'ignored'],
    ['refs/heads/feature/x', ['main', 'release/*'], 'ignored'],
    ['refs/heads/release/1', ['main', 'release/*'], 'accepted'],
    ['refs/heads/anything', ['*'], 'accepted'],
    ['refs/tags/v1', ['main'], 'accepted'],
    ['refs/pull/1/head', [], 'ignored'],
  ]
  for (const [ref, branches, outcome] of rows) {
    it(`${ref} with branches [${branches.join(', ')}]: ${outcome}`, () => expect(pushTo(ref, branches)).to.equal(outcome))
  }

  it('counts a push of several branches by those that are looked at', () => {
    const sent = { changes: ['x', 'main'].map((name) => ({ ref: { id: `refs/heads/${name}` }, toHash: COMMIT })) }
    const headers = { ...bitbucket, 'x-hub-signature': `sha256=${hex(sent)}` }
    const { hint } = deliver('bitbucket', { headers, body: sent }, optionsWith({ branches: ['main'] }))
    expect(hint).to.deep.equal({ kind: 'look', names: [], ref: 'refs/heads/main', commit: COMMIT })
  })
})

describe('receiveWebhook: repeated deliveries', () => {
  const rows: readonly (readonly [ProviderName, Readonly<Record<string, string>>])[] = [
    ['github', { ...hub, 'x-github-delivery': 'a' }],
    ['gitlab', { ...gitlab, 'x-gitlab-token': SECRET, 'idempotency-key': 'a' }],
    ['gitlab', { ...gitlab, ...standardHeaders(body, { id: 'a' }) }],
    ['bitbucket', { ...bitbucket, 'x-hub-signature': `sha256=${hex(body)}`, 'x-request-id': 'a' }],
    ['bitbucket', { ...bitbucket, 'x-hub-signature': `sha256=${hex(body)}`, 'x-request-uuid': 'a' }],
    ['gitea', { ...gitea, 'x-gitea-signature': hex(body), 'x-gitea-delivery': 'a' }],
    ['generic', { 'x-carillon-token': SECRET, 'idempotency-key': 'a' }],
  ]
  for (const [provider, headers] of rows) {
    it(`${provider}: the second of two with the same ${Object.keys(headers).at(-1)} is a duplicate`, () => {
      const options = optionsWith()
      expect(deliver(provider, { headers, body }, options).outcome).to.equal('accepted')
      const again = deliver(provider, { headers, body }, options)
      expect({ status: again.status, outcome: again.outcome, hint: again.hint }).to.deep.equal({
        status: 200,
        outcome: 'duplicate',
        hint: undefined,
      })
    })
  }

  it('keeps the ids of two providers apart', () => {
    const options = optionsWith()
    deliver('generic', { headers: { 'x-carillon-token': SECRET, 'idempotency-key': 'a' }, body }, options)
    expect(deliver('github', { headers: { ...hub, 'x-github-delivery': 'a' }, body }, options).outcome).to.equal('accepted')
  })

  it('does not remember what it refused', () => {
    const options = optionsWith()
    const headers = { ...hub, 'x-github-delivery': 'a' }
    deliver('github', { headers: { ...headers, 'x-hub-signature-256': '' }, body }, options)
    expect(deliver('github', { headers, body }, options).outcome).to.equal('accepted')
  })

  it('takes each of those without an id', () => {
    const options = optionsWith()
    for (const _ of [1, 2])
      expect(deliver('github', { headers: { ...hub, 'x-github-delivery': '' }, body }, options).outcome).to.equal('accepted')
  })
})

describe('receiveWebhook: anything at all', () => {
  const names = [
    'content-type',
    'x-github-event',
    'x-gitlab-event',
    'x-event-key',
    'x-gitea-event',
    'x-hub-signature-256',
    'x-hub-signature',
    'x-gitlab-token',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
    'x-github-delivery',
    '__proto__',
  ]
  const values = [
    'push',
    'Push Hook',
    'System Hook',
    'repo:push',
    'application/json',
    'application/x-www-form-urlencoded',
    'sha256=',
    'v1,',
    '1',
  ]
  const headers = fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.constantFrom(...values), fc.string()))
  const members = fc.constantFrom(
    'ref',
    'after',
    'changes',
    'push',
    'repository',
    'clone_url',
    'links',
    'resource',
    'refUpdates',
    'new',
    '__proto__',
  )
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(null, 1, 'refs/heads/main', 'branch', COMMIT),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(members, tie('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  })).value
  const bodies = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.string(),
  )

  it('never throws and is never the fault of the server', () => {
    const given = fc.record({
      provider: fc.constantFrom<ProviderName>('github', 'gitlab', 'bitbucket', 'gitea', 'generic'),
      headers,
      body: bodies,
      caller: fc.constantFrom<'anyone' | 'known' | 'unknown'>('anyone', 'known', 'unknown'),
      secrets: fc.constantFrom<readonly string[]>([], [SECRET]),
    })
    fc.assert(
      fc.property(given, ({ provider, secrets, ...delivery }) => {
        const { status, outcome, hint } = deliver(provider, delivery, optionsWith({ secrets }))
        expect(status).to.be.oneOf([200, 202, 400, 401])
        expect(hint !== undefined).to.equal(outcome === 'accepted')
        if (secrets.length > 0 && delivery.caller !== 'known') expect(outcome).to.be.oneOf(['refused', 'ping'])
      }),
      { numRuns: 1_000 },
    )
  })
})
