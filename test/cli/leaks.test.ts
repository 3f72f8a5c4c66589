import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createCipher, keyOfText } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { openTransport } from '../../bus/src/index.js'
import { canary } from '../../scripts/canary.mjs'
import { brokerSettings } from '../interop/broker-settings.js'
import { type Answered, ask } from '../server/http/serving.js'
import { commit, eventually, makeRepository, makeScratch, write } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import { startGitHttp } from '../tools/git-http.js'
import { filesBelow, leaksIn, type Output, refuseLeaks } from '../tools/outputs.js'
import { commandsOf } from './commands.js'

const scratch = makeScratch()
const { run } = commandsOf(scratch)

const key = canary('key')
const value = canary('value')
const sealed = canary('sealed')
const user = canary('user')
const hook = canary('hook')
const remote = canary('remote')
const snapshotKey = canary('snapshot')
const secrets = [key, value, sealed, user, hook, remote, snapshotKey]

/** A day in the life of a server and its clients, all of it in processes of their own; what came out of them wherever no secret belongs. */
async function day(broker: string): Promise<readonly Output[]> {
  const folder = scratch.folder()
  const outputs: Output[] = []
  const take = (place: string, content: string | Uint8Array) => outputs.push({ place, content })
  const cipher = createCipher(() => keyOfText(key))
  const files = {
    'shop.yml': `db.password: '{cipher}${await cipher.encrypt(value)}'\nnote: '{cipher}${await cipher.encrypt(`\${${value}}`)}'\n`,
    'shop-prod.yml': `api.token: '{cipher}${await cipher.encrypt(`{gcm:1}${sealed}`, { property: 'api.token' })}'\npool: 1\n`,
    'bad.yml': `db.password: '{cipher}${await createCipher(() => keyOfText(canary('other'))).encrypt(value)}'\n`,
    'torn.json': `{"db.password": "{cipher}${(await cipher.encrypt(value)).slice(2)}"}\n`,
  }
  const repository = makeRepository(join(folder, 'repo'), files)
  const git = scratch.closing(await startGitHttp({ root: folder, user: { name: 'reader', password: remote } }))
  const settings = {
    'server.port': '0',
    'carillon.log-level': 'trace',
    'carillon.encrypt.key-file': join(folder, 'key'),
    'carillon.encrypt.keys': { old: canary('old') },
    'carillon.webhooks.secrets': [hook],
    'spring.security.user.password': user,
    'management.endpoints.web.exposure.include': '*',
    'management.endpoint.health.show-details': 'always',
    'spring.cloud.config.server.git': { uri: `${git.url}/repo/.git`, username: 'reader', password: remote, 'default-label': 'main' },
    'spring.cloud.config.server.encrypt.plain-text-encrypt': true,
    ...brokerSettings(broker),
  }
  write(folder, { key, 'settings.yml': JSON.stringify(settings) })
  const heard: string[] = []
  const bus = scratch.closing(
    openTransport(broker, {
      destination: 'springCloudBus',
      receives: 'all',
      onDelivery: ({ bytes, headers }) => heard.push(`${Buffer.from(bytes)} ${JSON.stringify([...headers])}`),
      onState: () => {},
      onTrouble: () => {},
    }),
  )
  await eventually(bus.state, (state) => state === 'connected')
  take('--print-settings', (await run(['serve', '--config', 'settings.yml', '--print-settings'], { cwd: folder }).ended).out)
  const server = run(['serve', '--config', 'settings.yml'], { cwd: folder })
  const port = Number(
    await eventually(
      () => /http:\/\/[\w.]+:(\d+)/.exec(server.err())?.[1] ?? (server.child.exitCode === null ? undefined : server.err()),
      (found) => found !== undefined,
      30_000,
    ),
  )
  const authorization = `Basic ${Buffer.from(`user:${user}`).toString('base64')}`
  const asked = (path: string, body?: string, headers: Record<string, string> = { authorization }): Promise<Answered> =>
    ask(port, path, body === undefined ? { headers } : { method: 'POST', headers: { 'content-type': 'text/plain', ...headers }, body })
  await eventually(
    () => asked('/shop/prod'),
    ({ status, text }) => status === 200 && text.includes(value) && text.includes(sealed),
  )
  // These bodies are where secrets belong; what stands beside them is not.
  for (const path of ['/shop/prod', '/shop-prod.yml', '/shop-prod.properties', '/shop-prod.json'])
    take(`headers of ${path}`, JSON.stringify((await asked(path)).headers))
  const whole = await cipher.encrypt(value)
  const answers: readonly (readonly [string, Promise<Answered>])[] = [
    ['encrypt', asked('/encrypt', value)],
    ['bad value', asked('/bad-default.yml')],
    ['torn file', asked('/shop/default/main/torn.json')],
    ['unfilled', asked('/shop-default.yml?resolvePlaceholders=true', undefined, {})],
    ['decrypt without credentials', asked('/decrypt', whole, {})],
    ['decrypt with a wrong name', asked('/decrypt', `{name:x}{gcm:1}${whole}`)],
    ['decrypt of half', asked('/decrypt', whole.slice(0, -2))],
    ['decrypt of no cipher text', asked('/decrypt', value)],
    ['encrypt for no key', asked('/encrypt', `{gcm:1}${value}`)],
    ['wrong credentials', asked('/shop/prod', undefined, { authorization: `Basic ${Buffer.from(`${value}:x`).toString('base64')}` })],
    ['wrong hook', asked('/webhooks/generic', '{}', { 'x-carillon-token': value })],
    ['key', asked('/key')],
  ]
  for (const [place, answer] of answers) take(place, JSON.stringify(await answer))
  for (const [place, answer] of answers) take(`${place}, the body`, (await answer).bytes)

  const env = { CARILLON_URI: `http://127.0.0.1:${port}`, CARILLON_USERNAME: 'user', CARILLON_PASSWORD: user }
  const kept = { ...env, CARILLON_SNAPSHOT_KEY: snapshotKey }
  const commands: readonly (readonly [readonly string[], Readonly<Record<string, string>>, 'out' | 'no out'])[] = [
    [['get', 'shop/prod', 'db.password'], env, 'no out'],
    [['get', 'shop/prod', 'api', '-o', 'json'], env, 'out'],
    [['get', 'shop/prod'], { ...env, CARILLON_PASSWORD: value }, 'out'],
    [['export', 'shop/prod', '-f', 'dotenv'], env, 'no out'],
    [['run', '-a', 'shop', '-p', 'prod', '--', 'sh', '-c', 'test -n "$DB_PASSWORD" && echo has it'], kept, 'out'],
    [['run', '-a', 'shop', '-p', 'prod', '--offline', '--', 'true'], { ...kept, CARILLON_SNAPSHOT_KEY: canary('wrong') }, 'out'],
    [['decrypt', '--file', 'repo/torn.json', '--key-file', 'key'], {}, 'out'],
    [['encrypt', '--file', 'key', '--key-file', 'key'], {}, 'out'],
    [['rotate', 'repo', '--old-key-file', 'key', '--key-file', 'settings.yml', '--dry-run'], {}, 'out'],
  ]
  for (const [args, more, wanted] of commands) {
    const { out, err } = await run(args, { cwd: folder, env: more }).ended
    take(`${args[0]}, stderr`, err)
    if (wanted === 'out') take(`${args[0]}, stdout`, out)
  }

  outputs.push(...filesBelow(join(folder, 'data')))
  const bad = commit(repository, { 'shop.yml': `db:\n  password: "${value}\n  other: [${value}\n` })
  await eventually(
    () => asked('/actuator/health').then(({ text }) => text + server.err()),
    (said) => said.includes(bad.slice(0, 10)),
  )
  take('bad commit', (await asked('/shop-default.yml')).headers['x-carillon-stale']?.toString() ?? '')
  commit(repository, { ...files, 'shop-prod.yml': files['shop-prod.yml'].replace('pool: 1', 'pool: 2') })
  await eventually(
    () => heard.join('\n'),
    (said) => said.includes('RefreshRemoteApplicationEvent') && said.includes('shop'),
  )
  write(folder, { key: `-----BEGIN RSA PRIVATE KEY-----${key}` })
  await eventually(server.err, (said) => said.includes('the old ones stay'))
  for (const path of ['/actuator/health', '/actuator/prometheus', '/actuator/fleet', '/encrypt/status', '/nowhere'])
    take(path, (await asked(path)).text)
  server.child.kill('SIGTERM')
  const { out, err } = await server.ended
  take('serve, stdout', out)
  take('serve, stderr', err)
  take('bus', heard.join('\n'))
  // The repository itself holds the secret now, in plain text.
  const later = filesBelow(join(folder, 'data')).filter(({ place }) => !place.includes('/objects/') && !place.endsWith('(objects)'))
  return [...outputs, ...later, ...filesBelow(join(folder, '.carillon'))]
}

describe('secrets in all that comes out of server and commands', function () {
  this.timeout(120_000)
  let outputs: readonly Output[]
  before(async function () {
    const broker = await useBroker(this, 'rabbitmq')
    this.timeout(120_000)
    if (broker !== undefined) outputs = await day(broker.url)
  })
  after(() => scratch.clear())

  it('are in logs, errors, metrics, bus messages and files on disk nowhere', () => {
    const full = outputs.filter(({ content }) => content.length > 0).map(({ place }) => place)
    expect(full).to.include.members(['serve, stderr', 'bus', '/actuator/health', '/actuator/prometheus', '--print-settings'])
    expect(full.filter((place) => place.endsWith('(objects)'))).to.have.length.of.at.least(1)
    expect(full.filter((place) => place.endsWith('.snapshot'))).to.have.length(1)
    expect(leaksIn(outputs, secrets)).to.deep.equal([])
  })

  const planted: readonly (readonly [string, string | Uint8Array, readonly string[]])[] = [
    ['as it is', `{"level":"warn","msg":"password ${value} is wrong"}`, ['plain']],
    ['in capitals', value.toUpperCase(), ['plain']],
    ['in UTF-16', Buffer.from(value, 'utf16le'), ['plain']],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ value })), ['plain']],
    ['in an address', `http://x/?q=${encodeURIComponent(` ${value}`)}`, ['plain']],
    ['in hex', Buffer.from(` ${value}`).toString('hex'), ['hex']],
    ['in Basic credentials', Buffer.from(`u:${value}`).toString('base64'), ['base64']],
    ['in base64url', Buffer.from(`us:${value}`).toString('base64url'), ['base64']],
    ['as a hash', createHash('sha256').update(value).digest('base64url'), ['sha256']],
    ['not at all', 'a log line', []],
  ]
  for (const [how, content, forms] of planted) {
    it(`are found where one is planted ${how}`, () =>
      expect(leaksIn([...outputs, { place: 'log', content }], secrets)).to.deep.equal(forms.map((form) => `log: ${form}`)))
  }

  it('fail the test whose server or command logged one or left one in its folder', () => {
    const folder = scratch.folder()
    write(folder, { 'announced.json': `{"token": "${value}"}` })
    expect(() => refuseLeaks('a log line', [])).not.to.throw()
    expect(() => refuseLeaks(`a log line of ${value}`, [])).to.throw('stands in log: plain')
    expect(() => refuseLeaks('', [folder])).to.throw('announced.json: plain')
  })

  it('are found in a packed file and in an object of Git', () => {
    const folder = scratch.folder()
    makeRepository(join(folder, 'clone'), { 'shop.yml': `a: ${value}\n` })
    write(folder, { 'log.gz': gzipSync(value) })
    const places = leaksIn(filesBelow(folder)).map((leak) => leak.slice(folder.length + 1))
    expect(places).to.include.members(['log.gz: plain', 'clone/.git (objects): plain'])
  })
})
