import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCipher, keyOfText } from '@carillon/environment/ciphers'
import { expect } from 'chai'
import { parse } from 'dotenv'
import { load } from 'js-yaml'
import { canary, tracesIn } from '../../scripts/canary.mjs'
import { clearServing, type Serving, serve } from '../server/http/serving.js'
import { makeScratch, write } from '../server/trees/repositories.js'
import { commandLine, commandsOf, type Ended } from './commands.js'

const SECRET = canary('value')
const PASSWORD = canary('password')

const scratch = makeScratch()
const { start, runAll } = commandsOf(scratch)

const files = {
  'shop.yml': `db:\n  pool-size: 5\n  password: ${SECRET}\n  url: postgres://ada:open@db/shop\nhosts:\n  - a\n  - b\nnote: it's "so"\n`,
  'shop-prod.yml': 'db.pool-size: 50\n',
}

describe('carillon get, carillon export', function () {
  this.timeout(60_000)
  let server: Serving
  let locked: Serving
  let cwd: string
  let ask: (...lines: readonly string[]) => Promise<readonly Ended[]>

  before(async () => {
    server = await serve({ files })
    locked = await serve({ files, flags: { 'spring.security.user.name': 'ada', 'spring.security.user.password': PASSWORD } })
  })
  after(clearServing)
  beforeEach(() => {
    cwd = scratch.folder()
    ask = (...lines) =>
      runAll(
        lines.map((line) => line.split(' ')),
        { cwd, env: { CARILLON_URI: server.url } },
      )
  })
  afterEach(() => scratch.clear())

  it('shows every key with its place, and no secret', async () => {
    const [all, revealed] = await ask('get shop/prod', 'get shop/prod --reveal')
    expect(all).to.deep.equal({
      code: 0,
      out: `db.password\t******\tshop.yml:3
db.pool-size\t50\tshop-prod.yml:1
db.url\tpostgres://******@db/shop\tshop.yml:4
hosts[0]\ta\tshop.yml:6
hosts[1]\tb\tshop.yml:7
note\tit's "so"\tshop.yml:8
`,
      err: 'carillon: 2 values look like a secret and are masked; --reveal shows all\n',
    })
    expect(revealed?.out).to.contain(`db.password\t${SECRET}\t`).and.to.contain('postgres://ada:open@db/shop')
    expect(revealed?.err).to.equal('')
  })

  it('shows a key in any spelling, and what is below one, in each form', async () => {
    const rows: readonly (readonly [string, string])[] = [
      ['get shop/prod DB.poolSize', '50\n'],
      ['get shop db.pool-size -o table', 'db.pool-size\t5\tshop.yml:2\n'],
      ['get shop db.password', `${SECRET}\n`],
      ['get shop hosts -o json', '[\n  "a",\n  "b"\n]\n'],
      ['get shop db.pool-size -o json', '5\n'],
      ['get shop db -o yaml', 'password: "******"\npool-size: 5\nurl: "postgres://******@db/shop"\n'],
      ['get shop hosts -o properties', 'hosts[0]=a\nhosts[1]=b\n'],
      ['get shop note -o env', "NOTE='it'\\''s \"so\"'\n"],
      ['get shop db -o env', "DB_PASSWORD='******'\nDB_POOL_SIZE=5\nDB_URL='postgres://******@db/shop'\n"],
    ]
    const ends = await ask(...rows.map(([line]) => line))
    for (const [index, [line, out]] of rows.entries()) expect(ends[index], line).to.include({ code: 0, out })
  })

  it('writes what its readers read, sorted and always the same', async () => {
    const [dotenv, again, json, yaml, properties, configMap, secret, variables] = await ask(
      'export shop/prod --format dotenv',
      'export shop/prod --format dotenv',
      'export shop/prod -f json',
      'export shop/prod -f yaml',
      'export shop/prod -f properties',
      'export shop/prod -f configmap --name x',
      'export shop/prod -f secret --only db',
      'export shop/prod -f json --keys env --prefix A_ --only hosts',
    )
    const nested = {
      db: { password: SECRET, 'pool-size': 50, url: 'postgres://ada:open@db/shop' },
      hosts: ['a', 'b'],
      note: 'it\'s "so"',
    }
    const env = { DB_PASSWORD: SECRET, DB_POOL_SIZE: '50', DB_URL: nested.db.url, HOSTS_0: 'a', HOSTS_1: 'b', NOTE: nested.note }
    expect(again).to.deep.equal(dotenv)
    expect(dotenv?.err).to.equal('')
    expect(Object.entries(parse(dotenv?.out ?? ''))).to.deep.equal(Object.entries(env))
    expect(JSON.stringify(JSON.parse(json?.out ?? ''))).to.equal(JSON.stringify(nested))
    expect(load(yaml?.out ?? '')).to.deep.equal(nested)
    expect(properties?.out).to.contain('db.pool-size=50\n').and.to.contain('hosts[1]=b\n')
    expect(load(configMap?.out ?? '')).to.have.nested.property('data.hosts_0', 'a')
    expect(configMap?.err).to.contain('these look like some: db.password; see --format secret')
    expect(Object.keys((load(secret?.out ?? '') as { data: object }).data)).to.deep.equal(['db.password', 'db.pool-size', 'db.url'])
    expect(JSON.parse(variables?.out ?? '')).to.deep.equal({ A_HOSTS_0: 'a', A_HOSTS_1: 'b' })
  })

  it('ends with the documented code and one readable message', async () => {
    const broken = createServer((_, response) => response.writeHead(500).end('{"message":"the disk is full"}'))
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
    scratch.closing({ close: () => new Promise<void>((resolve) => broken.close(() => resolve())) })
    const { port } = broken.address() as AddressInfo
    const rows: readonly (readonly [string, number, RegExp])[] = [
      ['get shop dbb', 1, /no value at 'dbb'.*\n.*db/],
      ['get shop pool', 1, /no value at 'pool'.*db\.pool-size/],
      ['get nothing', 1, /nothing for the application 'nothing'.*\n {2}Check the names/],
      ['get shop@nope', 1, /no branch, tag or commit 'nope'/],
      ['export shop -f dotenv --only nope', 1, /no value at 'nope'/],
      ['get', 2, /No application is named/],
      ['get shop/prod/main', 2, /Did you mean shop\/prod@main\?/],
      ['get shop -o raw', 2, /which KEY/],
      ['get shop db -o raw', 2, /there are 3 below 'db'/],
      ['get shop -o xml', 2, /--output is 'xml', expected one of table, json/],
      ['get shop --output json --output yaml', 2, /--output is given 2 times/],
      ['get shop --timeout soon', 2, /--timeout is no number of seconds/],
      ['get shop --ca-cert absent.pem', 2, /'absent\.pem' cannot be read \(ENOENT\)/],
      [`get shop --server http://ada:${PASSWORD}@localhost`, 2, /everybody on this machine can see flags/],
      ['get shop --nonsense', 2, /nonsense[\s\S]*carillon get --help/],
      ['export shop', 2, /Which --format: dotenv, json/],
      ['export shop -f json --name x', 2, /--name is for configmap and secret/],
      ['export shop -f secret --name X_', 2, /no name for Kubernetes/],
      ['export shop -f dotenv --keys flat', 2, /--keys flat cannot be meant/],
      ['help nonsense', 2, /no help on 'nonsense'/],
      ['get shop --server http://127.0.0.1:1', 3, /127\.0\.0\.1:1.*refused/],
      [`get shop --server ${locked.url}`, 4, /401[\s\S]*CARILLON_USERNAME/],
      [`get shop --server http://127.0.0.1:${port}`, 5, /500/],
    ]
    const ends = await ask(...rows.map(([line]) => line))
    expect(ends).to.have.length(rows.length)
    for (const [index, [line, code, message]] of rows.entries()) {
      const { err, ...ended } = ends[index] as Ended
      expect(ended, `${line}: ${err}`).to.deep.equal({ code, out: '' })
      expect(err, line).to.match(message)
      expect(err, line).not.to.match(/^\s+at /m)
      expect(tracesIn(err), line).to.deep.equal([])
    }
  })

  it('decrypts what the server leaves encrypted, and gives no program a cipher text', async () => {
    const key = canary('key')
    const cipher = createCipher(() => keyOfText(key))
    const text = `{cipher}${await cipher.encrypt(SECRET)}`
    const { url } = await serve({
      files: { 'shop.yml': `db: {password: '${text}', pool: 5}\n` },
      settings: ['git.uri: file://{repo}', 'encrypt.enabled: false'],
    })
    write(cwd, { key, other: 'another key' })
    const rows: readonly (readonly [string, number, string, RegExp])[] = [
      ['get shop db.password --key-file key', 0, `${SECRET}\n`, /^$/],
      ['export shop -f dotenv --key-file key', 0, `DB_PASSWORD=${SECRET}\nDB_POOL=5\n`, /^$/],
      ['run -a shop --key-file key -- printenv DB_PASSWORD', 0, `${SECRET}\n`, /2 variables/],
      ['get shop db.pool', 0, '5\n', /^$/],
      [
        'get shop -o json --reveal',
        0,
        JSON.stringify({ db: { password: text, pool: 5 } }, null, 2),
        /A value is a cipher text .*db\.password\. .*--key-file/,
      ],
      ['get shop db.password', 1, '', /cipher text that cannot be decrypted here: db\.password\. .*--key-file/],
      ['get shop -o env --key-file other', 1, '', /cipher text that cannot be decrypted here/],
      ['export shop -f json', 1, '', /db\.password \(\S*shop\.yml:1:\d+\): there is no key here[\s\S]*--key-file/],
      ['run -a shop --key-file other -- printenv', 1, '', /db\.password .*: its text is damaged, or was made with another key/],
      ['run -a shop --key-file absent -- printenv', 2, '', /'absent' cannot be read/],
    ]
    const ends = await runAll(
      rows.map(([line]) => line.split(' ')),
      { cwd, env: { CARILLON_URI: url } },
    )
    for (const [index, [line, code, out, err]] of rows.entries()) {
      expect([ends[index]?.code, ends[index]?.out.trimEnd()], `${line}: ${ends[index]?.err}`).to.deep.equal([code, out.trimEnd()])
      expect(ends[index]?.err, line).to.match(err).and.not.include(text.slice(8, 20))
      expect(tracesIn(ends[index]?.err ?? ''), line).to.deep.equal([])
    }
  })

  it('takes credentials from the environment, and refuses half of them', async () => {
    const rows: readonly (readonly [Record<string, string>, number])[] = [
      [{ CARILLON_USERNAME: 'ada', CARILLON_PASSWORD: PASSWORD }, 0],
      [{ CARILLON_USERNAME: 'ada', CARILLON_PASSWORD: 'wrong' }, 4],
      [{ CARILLON_TOKEN: 'wrong' }, 4],
      [{ CARILLON_USERNAME: 'ada' }, 2],
    ]
    const ends = await Promise.all(
      rows.map(([env]) => runAll([['get', 'shop', 'note']], { cwd, env: { CARILLON_URI: locked.url, ...env } })),
    )
    expect(ends.map(([end]) => end?.code)).to.deep.equal(rows.map(([, code]) => code))
  })

  it('ends quietly where its reader has enough', async () => {
    const words = commandLine(['get', 'shop'])
      .map((word) => `'${word}'`)
      .join(' ')
    const env = { CARILLON_URI: server.url }
    // The reader has gone before there is anything to read.
    const piped = start(['bash', '-c', `${words} | true; echo "\${PIPESTATUS[0]}"`], { cwd, env })
    expect(await piped.ended).to.include({ code: 0, out: '0\n' })
    expect(piped.err()).not.to.match(/EPIPE|^\s+at /m)
  })

  it('explains itself', async () => {
    const ends = await ask(
      '--help',
      'help',
      'help exit-codes',
      'help environment',
      'help get',
      'export --help',
      'watch --help',
      'run --help',
    )
    for (const { code, err } of ends) expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    const [all, help, codes, environment, get] = ends.map(({ out }) => out)
    expect(all).to.equal(help)
    expect(all)
      .to.match(/^Look\n {2}get APP/m)
      .and.to.match(/^ {2}run \[flags\] -- PROGRAM/m)
    expect(codes).to.match(/^ {2}4 +the server wants other credentials/m)
    expect(environment).to.contain('CARILLON_SNAPSHOT_KEY')
    expect(get)
      .to.match(/--reveal/)
      .and.to.contain('CARILLON_URI')
    for (const page of ends.slice(4)) expect(page.out.match(/^ {2}(?:\w+=\$\()?carillon /gm), page.out).to.have.length(3)
  })
})
