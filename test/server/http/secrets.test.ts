import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@carillon/environment'
import { type Cipher, createCipher, keyOfText } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { canary, tracesIn } from '../../../scripts/canary.mjs'
import { clearServing, newFolder, type Serving, type ServingOptions, serve } from './serving.js'

const KEY_TEXT = canary('key')
const NEXT = canary('next')
const ANOTHER = canary('another')

const cipherOf = (text: string): Cipher => {
  const key = keyOfText(text)
  return createCipher(() => key)
}
const cipher = cipherOf(KEY_TEXT)
const KEY = { 'encrypt.key': KEY_TEXT }
const SECRET = canary('value')
const wrong = `{cipher}${'0'.repeat(64)}`
const encrypted = async (text = SECRET): Promise<string> => `{cipher}${await cipher.encrypt(`{plain}${text}`)}`

const sourceOf = (text: string): unknown =>
  (JSON.parse(text) as { propertySources: { source: unknown }[] }).propertySources.map(({ source }) => source)
const poll = async (done: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 20_000
  while (!(await done())) {
    if (Date.now() > end) throw new Error('it did not come about in 20 s')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

after(clearServing)

describe('served cipher values', () => {
  let files: Record<string, string>
  const open = (options: ServingOptions = {}): Promise<Serving> => serve({ files, flags: KEY, ...options })

  before(async () => {
    files = {
      'shop.yml': `a: '${await encrypted()}'\nb: plain\nlist: [x, '${await encrypted('päss')}']\n`,
      'bad.yml': 'db: {password: weak, user: u}\nhosts: [one, two]\nother: 1\n',
      'bad-prod.yml': `db.password: '${wrong}'\nhosts: ['${wrong}']\n`,
      'nginx.conf': 'password ${a};\n',
      'plain.json': `{"token": "${await encrypted('say "hi"\n')}", "keep": [1, "{CIPHER}x"]}\n`,
      'plain.yml': `token: '${await encrypted("it's: #1")}' # a comment\nother: "${await encrypted()}"\n`,
      'plain.properties': `# a comment\ntoken=${await encrypted('c:\\x päss')}\nother = 1\n`,
      'plain.txt': `${await encrypted()}\n`,
      'torn.yml': `token: '${wrong}'\n`,
    }
  })

  it('are decrypted in every format, their keys last', async () => {
    const { ask } = await open()
    expect(sourceOf((await ask('/shop/default')).text)).to.deep.equal([{ b: 'plain', 'list[0]': 'x', a: SECRET, 'list[1]': 'päss' }])
    expect((await ask('/shop-default.yml')).text).to.equal(`b: plain\na: ${SECRET}\nlist:\n- x\n- päss\n`)
    expect((await ask('/shop-default.properties')).text).to.include(`a: ${SECRET}`)
    expect((await ask('/shop/default/main/nginx.conf')).text).to.equal(`password ${SECRET};\n`)
  })

  it('are not part of digests and tags: those are made of what the files say', async () => {
    const { ask, repository } = await open()
    const { headers } = await ask('/shop/default')
    const raw = await (await open({ settings: [`git.uri: file://${repository}`, 'encrypt.enabled: false'] })).ask('/shop/default')
    expect(headers['x-carillon-digest']).to.equal(raw.headers['x-carillon-digest'])
    expect(headers.etag).not.to.equal(raw.headers.etag)
    const shown = (JSON.parse((await ask('/shop/default')).text) as { propertySources: { name: string; source: Record<string, string> }[] })
      .propertySources
    const ofSecrets = digestOf(
      shown.map(({ name, source }) => ({ name, properties: new Map(Object.entries(source).map(([key, value]) => [key, { value }])) })),
    )
    expect(headers.etag).not.to.include(ofSecrets)
  })

  it('give the same tags from every replica, and 304', async () => {
    const one = await open()
    const other = await open({ settings: [`git.uri: file://${one.repository}`] })
    for (const path of ['/shop-default.yml', '/shop-default.json', '/shop/default/main/nginx.conf?useDefaultLabel']) {
      const [first, second] = [await one.ask(path), await other.ask(path)]
      expect(first.headers.etag, path).to.equal(second.headers.etag)
      expect((await other.ask(path, { headers: { 'if-none-match': first.headers.etag ?? '' } })).status).to.equal(304)
    }
  })

  it('are for the client alone: no proxy in between may keep them', async () => {
    const { ask } = await open()
    for (const path of ['/shop/default', '/shop-default.yml', '/shop/default/main/nginx.conf'])
      for (const time of ['first', 'again'])
        expect((await ask(path)).headers, `${path} ${time}`).to.include({
          'cache-control': 'private, no-cache',
          'x-carillon-decrypted': 'true',
        })
    const { headers } = await ask('/bad/default')
    expect([headers['cache-control'], headers['x-carillon-decrypted']]).to.deep.equal(['no-cache', undefined])
  })

  it('let a text that is filled in have no time: a key changes without a commit', async () => {
    const { ask } = await open()
    expect((await ask('/shop/default/main/nginx.conf')).headers).not.to.have.property('last-modified')
    expect((await ask('/other/default/main/nginx.conf')).headers).to.have.property('last-modified')
  })

  it('pass as they are where decrypting is switched off', async () => {
    const { ask } = await open({ settings: ['git.uri: file://{repo}', 'encrypt.enabled: false'] })
    expect((await ask('/shop/default')).text)
      .to.include('"a":"{cipher}')
      .and.not.include(SECRET)
  })

  it('are marked as invalid where no key is installed, and the log says what to do', async () => {
    const { ask, log } = await open({ flags: {} })
    expect(sourceOf((await ask('/shop/default')).text)).to.deep.equal([
      { b: 'plain', 'list[0]': 'x', 'invalid.a': '<n/a>', 'invalid.list[1]': '<n/a>' },
    ])
    await ask('/shop/default/main')
    expect(log.filter((line) => line.includes('no key is installed'))).to.have.length(1)
  })

  describe('that cannot be decrypted', () => {
    it('hide what a weaker file has under their key, and all of a list', async () => {
      const { ask, log } = await open()
      expect(sourceOf((await ask('/bad/prod')).text)).to.deep.equal([
        { 'invalid.db.password': '<n/a>', 'invalid.hosts[0]': '<n/a>' },
        { 'db.user': 'u', other: 1 },
      ])
      expect((await ask('/bad-prod.properties')).text).not.to.match(/weak|one|two/)
      expect(log.join('\n')).to.include('"keys":["db.password","hosts[0]"]').and.not.include(wrong)
    })
    it('let it show where that is asked for', async () => {
      const { ask } = await open({ flags: { ...KEY, 'carillon.encrypt.fall-through': 'true' } })
      expect(sourceOf((await ask('/bad/prod')).text)).to.deep.equal([
        { 'invalid.db.password': '<n/a>', 'invalid.hosts[0]': '<n/a>' },
        { 'db.password': 'weak', 'db.user': 'u', 'hosts[0]': 'one', 'hosts[1]': 'two', other: 1 },
      ])
    })
    it('stand there as texts in the other way of Spring', async () => {
      const { ask } = await open({ settings: ['git.uri: file://{repo}', 'encrypt.prefix-invalid-properties: false'] })
      expect((await ask('/bad-prod.properties')).text).to.include(`db.password: ${'0'.repeat(64)}`)
    })
  })

  describe('in plain-text files', () => {
    const on = { settings: ['git.uri: file://{repo}', 'encrypt.plain-text-encrypt: true'] }

    it('stay as they are unless that is asked for', async () => {
      const { ask } = await open()
      for (const file of ['plain.json', 'plain.yml', 'plain.properties'])
        expect((await ask(`/shop/default/main/${file}`)).text).to.equal(files[file])
    })
    it('are decrypted in the notation of the file, and nothing else is touched', async () => {
      const { ask } = await open(on)
      expect((await ask('/shop/default/main/plain.json')).text).to.equal('{"token": "say \\"hi\\"\\n", "keep": [1, "{CIPHER}x"]}\n')
      expect((await ask('/shop/default/main/plain.yml')).text).to.equal(`token: "it's: #1" # a comment\nother: "${SECRET}"\n`)
      expect((await ask('/shop/default/main/plain.properties')).text).to.equal('# a comment\ntoken=c:\\\\x p\\u00e4ss\nother = 1\n')
      expect((await ask('/shop/default/main/plain.json')).headers['cache-control']).to.equal('private, no-cache')
      for (const raw of ['/shop/default/main/plain.txt', '/shop/default/main/plain.yml']) {
        const { text } = await ask(raw, { headers: { accept: 'application/octet-stream' } })
        expect(text).to.equal(files[raw.slice(raw.lastIndexOf('/') + 1)])
      }
    })
    it('that cannot be decrypted fail the request, with the name of the property alone', async () => {
      const { ask } = await open(on)
      const { status, text } = await ask('/shop/default/main/torn.yml')
      expect(status).to.equal(500)
      expect(JSON.parse(text)).to.deep.include({
        code: 'undecipherable',
        message: "The cipher value of 'token' in 'torn.yml' cannot be decrypted.",
      })
    })
  })

  describe('when a key file changes', () => {
    it('are decrypted with the new key at once, and tags change', async () => {
      const keyFile = join(newFolder(), 'key')
      writeFileSync(keyFile, `${ANOTHER}\n`)
      const { ask, log } = await open({ flags: { 'carillon.encrypt.key-file': keyFile } })
      const before = await ask('/shop/default')
      expect(before.text).to.include('invalid.a')
      writeFileSync(keyFile, `${KEY_TEXT}\n`)
      await poll(async () => (await ask('/shop/default')).text.includes(SECRET))
      expect((await ask('/shop/default', { headers: { 'if-none-match': before.headers.etag ?? '' } })).status).to.equal(200)
      writeFileSync(keyFile, '-----BEGIN NOTHING-----')
      await poll(() => Promise.resolve(log.some((line) => line.includes('cannot be used, so the old ones stay'))))
      expect((await ask('/shop/default')).text).to.include(SECRET)
      expect(log.join('\n')).not.to.include('BEGIN NOTHING')
      expect(tracesIn(log.join('\n'))).to.deep.equal([])
    })
    it('are read with both keys while one replaces the other', async () => {
      const next = cipherOf(NEXT)
      const value = `{cipher}${await next.encrypt('{key:next}new')}`
      const { ask } = await open({
        files: { ...files, 'both.yml': `old: '${await encrypted()}'\nnew: '${value}'\n` },
        flags: { ...KEY, 'carillon.encrypt.keys.next': NEXT },
      })
      expect(sourceOf((await ask('/both/default')).text)).to.deep.equal([{ old: SECRET, new: 'new' }])
    })
  })

  it('are decrypted with a key store', async () => {
    const store = join(newFolder(), 'a.jks')
    copyFileSync(new URL('../../environment/ciphers/stores/a.jks', import.meta.url), store)
    const flags = {
      'encrypt.key-store.location': `file:${store}`,
      'encrypt.key-store.password': 'letmein1',
      'encrypt.key-store.alias': 'k2',
    }
    const { ask, commit } = await open({ flags })
    const sent = await ask('/encrypt', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: SECRET })
    commit({ 'stored.yml': `a: '{cipher}${sent.text}'\n` })
    await poll(async () => (await ask('/stored/default')).text.includes(SECRET))
  })

  it('leave no trace in log, metrics and health', async () => {
    const { ask, log } = await open({ flags: { ...KEY, 'management.endpoints.web.exposure.include': '*' } })
    for (const path of ['/shop/default', '/shop-default.yml', '/bad/prod', '/shop/default/main/nginx.conf']) await ask(path)
    await ask('/decrypt', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: (await encrypted()).slice('{cipher}'.length) })
    const told = [log.join('\n'), (await ask('/actuator/prometheus')).text, (await ask('/actuator/health')).text].join('\n')
    expect(tracesIn(told)).to.deep.equal([])
  })
})
