import { createPrivateKey } from 'node:crypto'
import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { load } from 'js-yaml'
import { canary, tracesIn } from '../../scripts/canary.mjs'
import { recordedKeys } from '../environment/ciphers/recorded.js'
import { clearServing, serve } from '../server/http/serving.js'
import { eventually, git, makeRepository, makeScratch, write } from '../server/trees/repositories.js'
import { commandLine, commandsOf, type Ended } from './commands.js'

const KEY = canary('k2026')
const NEW_KEY = canary('k2027')
const OLD_KEY = canary('k2025')
const PASSWORD = canary('password')

const scratch = makeScratch()
const { runAll, run, start } = commandsOf(scratch)
const secure = join(import.meta.dirname, '../conformance/secure')
const SECRET = canary('value')

describe('carillon encrypt, decrypt, keygen, rotate', function () {
  this.timeout(60_000)
  let cwd: string
  beforeEach(() => {
    cwd = scratch.folder()
    write(cwd, { key: `${KEY}\n`, 'new.key': `${NEW_KEY}\n`, text: SECRET })
  })
  afterEach(() => scratch.clear())
  after(clearServing)

  /** Command lines, one after the other; words are parted by spaces. */
  const all = (...lines: readonly string[]): Promise<readonly Ended[]> =>
    runAll(
      lines.map((line) => line.split(' ')),
      { cwd },
    )
  const ok = async (...lines: readonly string[]): Promise<readonly string[]> => {
    const ends = await all(...lines)
    expect(
      ends.map(({ code }) => code),
      ends.map(({ err }) => err).join(''),
    ).to.deep.equal(lines.map(() => 0))
    return ends.map(({ out }) => out)
  }
  const read = (path: string): string => readFileSync(join(cwd, path), 'utf8')
  const fed = async (line: string, input: string): Promise<Ended> => {
    const { child, ended } = run(line.split(' '), { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdin?.end(input)
    return ended
  }

  it('decrypts what a Spring server encrypted, with every kind of key and algorithm', async () => {
    const lines = recordedKeys.map(({ key, salt, alias, rsa, name, vectors }) => {
      const [vector] = vectors
      write(cwd, { [`${name}.cipher`]: `'{cipher}${vector?.cipher}'\n`, [`${name}.key`]: key ?? '', password: 'letmein1\n' })
      const of = alias === undefined ? '' : ` --key-store ${secure}/server.p12 --alias ${alias} --password-file password`
      const file = key?.startsWith('rsa.pem') ? `${secure}/rsa.pem` : `${name}.key`
      const flags = [
        rsa?.algorithm && ` --algorithm ${rsa.algorithm}`,
        rsa?.strong && ' --strong',
        (salt ?? rsa?.salt) && ` --salt ${salt ?? rsa?.salt}`,
      ]
      return `decrypt --file ${name}.cipher${of === '' ? ` --key-file ${file}` : of}${flags.filter(Boolean).join('')}`
    })
    expect(lines).to.have.length(7)
    expect(await ok(...lines)).to.deep.equal(recordedKeys.map(({ vectors }) => vectors[0]?.plain))
  })

  it('takes a text from standard input without its last line break, and writes it for YAML, properties or an endpoint', async () => {
    const encrypted = await fed('encrypt --key-file key', `${SECRET}\n`)
    expect(encrypted).to.include({ code: 0, err: '' })
    expect(encrypted.out).to.match(/^'\{cipher\}[0-9a-f]{96}'\n$/)
    for (const text of [encrypted.out, encrypted.out.replaceAll("'", ''), encrypted.out.slice(9, -2)])
      expect(await fed('decrypt --key-file key', text)).to.deep.equal({ code: 0, out: `${SECRET}\n`, err: '' })
    const [properties, raw] = await ok(
      'encrypt --key-file key --file text -o properties',
      'encrypt --key-file key --file text -o raw --key-id 2026',
    )
    expect(properties).to.match(/^\{cipher\}[0-9a-f]{96}\n$/)
    expect(raw).to.match(/^\{key:2026\}[0-9a-f]{96}\n$/)
  })

  it('takes files to the byte, and texts that look like selectors as they are', async () => {
    const text = '\ufeff{key:x}{plain}{"a": 1}\r\n\n'
    write(cwd, { text })
    const [cipher = ''] = await ok('encrypt --key-file key --file text')
    write(cwd, { cipher })
    expect(await ok('decrypt --key-file key --file cipher')).to.deep.equal([text])
  })

  it('seals a value to its property', async () => {
    const [sealed = ''] = await ok('encrypt --key-file key --file text --sealed --property db.password')
    write(cwd, { sealed })
    const [same, other, none] = await all(
      'decrypt --key-file key --file sealed --property db.password',
      'decrypt --key-file key --file sealed --property db.user',
      'decrypt --key-file key --file sealed',
    )
    expect(same).to.deep.equal({ code: 0, out: SECRET, err: '' })
    expect(other).to.deep.equal({ code: 1, out: '', err: '✗ Text not encrypted with this key\n' })
    expect(none).to.include({ code: 2, out: '' })
  })

  it('asks a terminal without showing what is typed', async () => {
    const [words, ...rest] = [commandLine(['encrypt', '--key-file', 'key']).join(' '), '/dev/null'] as const
    const terminal = start(['script', '-qec', words, ...rest], { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
    await eventually(terminal.out, (shown) => shown.includes('(not shown): '))
    terminal.child.stdin?.write(`${SECRET}x\x7f\r`)
    const { code, out } = await terminal.ended
    expect(code, out).to.equal(0)
    expect(out).not.to.contain(SECRET)
    write(cwd, { cipher: /'\{cipher\}[0-9a-f]+'/.exec(out)?.[0] ?? '' })
    expect(await ok('decrypt --key-file key --file cipher')).to.deep.equal([SECRET])
  })

  it('encrypts and decrypts a value in place, and changes nothing else', async () => {
    const yaml = `# shop\r\ndb:\r\n  password: "${SECRET}"  # ours\r\n  hosts: [a, ${SECRET}]\r\n---\r\ndb.password: other\r\n`
    const properties = `! shop\ndb.password = ${SECRET}\ndb.user=ada\n`
    write(cwd, { 'shop.yml': yaml, 'shop.properties': properties })
    symlinkSync('shop.properties', join(cwd, 'link.properties'))
    const mode = statSync(join(cwd, 'shop.yml')).mode
    const ends = await all(
      'encrypt --key-file key --in shop.yml --property DB.PASSWORD --line 3',
      'encrypt --key-file key --in shop.yml --property db.hosts[1] --sealed',
      'encrypt --key-file key --in link.properties --property db.password --key-id 2026',
    )
    expect(ends.map(({ code }) => code)).to.deep.equal([0, 0, 0])
    expect(ends[0]?.err).to.equal('carillon: shop.yml:3: db.password is encrypted\n')
    expect(
      read('shop.yml')
        .replace(/\{cipher\}[0-9a-f]{96}/, SECRET)
        .replace(/'\{cipher\}\{gcm:1\}[\w-]+'/, SECRET),
    ).to.equal(yaml)
    expect(read('shop.properties').replace(/\{cipher\}\{key:2026\}[0-9a-f]{96}/, SECRET)).to.equal(properties)
    expect(statSync(join(cwd, 'shop.yml')).mode).to.equal(mode)
    await ok(
      'decrypt --key-file key --in shop.yml --property db.password --line 3',
      'decrypt --key-file key --in shop.yml --property db.hosts[1]',
      'decrypt --key-file key --in shop.properties --property db.password',
    )
    expect(read('shop.yml')).to.equal(yaml.replace(`a, ${SECRET}`, `a, '${SECRET}'`))
    expect(read('shop.properties')).to.equal(properties)
    expect(readdirSync(cwd).sort()).to.deep.equal(['key', 'link.properties', 'new.key', 'shop.properties', 'shop.yml', 'text'])
  })

  it('makes keys for their owner alone, which work, and never over others', async () => {
    const formats = ['base64', 'hex', 'pkcs8', 'pkcs1']
    await ok(...formats.map((format) => `keygen --format ${format} --out ${format}${format.startsWith('pkcs') ? ' --bits 2048' : ''}`))
    for (const format of formats) expect(statSync(join(cwd, format)).mode & 0o777).to.equal(0o600)
    const ciphers = await ok(...formats.map((format) => `encrypt --key-file ${format} --file text`))
    write(cwd, Object.fromEntries(formats.map((format, index) => [`${format}.cipher`, ciphers[index] ?? ''])))
    expect(await ok(...formats.map((format) => `decrypt --key-file ${format} --file ${format}.cipher`))).to.deep.equal(
      formats.map(() => SECRET),
    )
    expect(Buffer.from(read('base64'), 'base64')).to.have.length(32)
    expect(read('hex')).to.match(/^[0-9a-f]{64}\n$/)
    expect(read('pkcs8')).to.match(/^-----BEGIN PRIVATE KEY-----/)
    expect(createPrivateKey(read('pkcs1')).asymmetricKeyDetails).to.include({ modulusLength: 2048 })
    const before = read('hex')
    const [again, piped, other] = await all('keygen --format hex --out hex', 'keygen', 'keygen')
    expect(again).to.include({ code: 1, out: '' })
    expect(read('hex')).to.equal(before)
    expect(piped?.out).to.match(/^[\w+/]{43}=\n$/)
    expect(other?.out).not.to.equal(piped?.out)
  })

  it('gives a whole repository another key, and lists before what it would do', async () => {
    const folder = await secretRepository()
    const before = snapshotOf(folder)
    const rotate = `rotate ${folder} --old-key-file key --old-key-file 2025=old.key --key-file new.key`
    const [dry = ''] = await ok(`${rotate} --dry-run --key-id 2027`)
    expect(dry).to.equal(
      'app/orders.properties:2\tapi.token\napp/orders.properties:3\told.token\nshop.yml:3\tdb.password\nshop.yml:5\tbase, copy\n',
    )
    expect(snapshotOf(folder)).to.deep.equal(before)
    const [done, again] = await all(`${rotate} --key-id 2027`, `${rotate} --key-id 2027`)
    expect(done).to.deep.equal({
      code: 0,
      out: dry,
      err: 'carillon: 4 values in 2 files encrypted with the new key\ncarillon: not looked into, though {cipher} stands there: beans.xml\n',
    })
    expect(again?.out).to.equal('')
    expect(again?.err).to.contain('0 values in 0 files encrypted with the new key; 4 had the new key already')
    const after = snapshotOf(folder)
    const hidden = (text = ''): string => text.replace(/\{cipher\}(?:\{[^}]*\})*[\w+/=-]{20,}/g, '{cipher}…')
    expect(Object.keys(after)).to.deep.equal(Object.keys(before))
    for (const [path, text] of Object.entries(after)) expect(hidden(text), path).to.equal(hidden(before[path]))
    expect(after['shop.yml']).to.match(/password: "\{cipher\}\{key:2027\}\{gcm:1\}/)
    const values = ['db.password', 'base'].map((property) => [property, String(valueIn(after['shop.yml'] ?? '', property))])
    write(cwd, Object.fromEntries(values))
    const plain = await ok(...values.map(([property]) => `decrypt --key-file new.key --file ${property} --property ${property}`))
    expect(plain).to.deep.equal([SECRET, SECRET])
  })

  it('rotates all or nothing: a text of another key, a file that cannot be read, changes without a commit', async () => {
    const folder = await secretRepository()
    const before = snapshotOf(folder)
    const [unknown] = await all(`rotate ${folder} --old-key-file key --key-file new.key`)
    expect(unknown).to.deep.equal({
      code: 1,
      out: '',
      err: '✗ A value is not encrypted with the old key; nothing was written.\n  app/orders.properties:3: old.token\n',
    })
    expect(snapshotOf(folder)).to.deep.equal(before)
    const rotate = `rotate ${folder} --old-key-file key --old-key-file 2025=old.key --key-file new.key`
    write(folder, { 'broken.yml': 'a: [\nb: {cipher}x\n' })
    const [broken] = await all(rotate)
    expect(broken).to.include({ code: 5, out: '' })
    expect(broken?.err).to.match(/broken\.yml:\d+:\d+: expected/)
    write(folder, { 'broken.yml': 'a: b\n', 'shop.yml': `${before['shop.yml']}# note\n` })
    const dirty = snapshotOf(folder)
    const [refused] = await all(rotate)
    expect(refused).to.include({ code: 1, out: '' })
    expect(refused?.err).to.contain('not committed in shop.yml')
    expect(snapshotOf(folder)).to.deep.equal(dirty)
    await ok(`${rotate} --force`)
    expect(snapshotOf(folder)['shop.yml']).not.to.equal(dirty['shop.yml'])
  })

  it('ends with the documented code and one readable message, which holds no secret', async () => {
    write(cwd, {
      'shop.yml': `a: '{cipher}00ff'\nb: ${SECRET}\nc:\nd: &x ${SECRET}\ne: *x\nf: !!str ${SECRET}\n---\nb: ${SECRET}\n`,
      cipher: '{cipher}00ff',
      'public.key': 'ssh-rsa AAAA',
      bytes: Buffer.from([0xff, 0xfe, 0x00]),
      empty: '',
    })
    const rows: readonly (readonly [string, number, RegExp])[] = [
      [`encrypt ${SECRET} --key-file key`, 2, /everybody on this machine/],
      [`decrypt --key-file key -- ${SECRET}`, 2, /everybody on this machine/],
      [`encrypt --key=${SECRET} --file text`, 2, /Unknown argument: key/],
      ['encrypt --file text', 2, /Which key\? --key-file FILE.*CARILLON_ENCRYPT_KEY or ENCRYPT_KEY/],
      ['encrypt --file text --key-file absent', 2, /'absent' cannot be read \(ENOENT\)/],
      ['encrypt --file text --key-file public.key', 2, /public\.key: Key data not in correct format/],
      ['encrypt --file text --key-file empty', 2, /empty: The key is empty/],
      ['encrypt --file text --key-file key --key-store x', 2, /both given/],
      ['encrypt --file text --key-file key --strong', 2, /for --key-store/],
      [`encrypt --file text --key-store ${secure}/server.p12 --alias mytestkey`, 2, /password of .* is missing: --password-file FILE/],
      [`encrypt --file text --key-store ${secure}/server.p12 --password-file key`, 2, /server\.p12: /],
      ['encrypt --file text --key-file key --sealed', 2, /which --property/],
      ['encrypt --file text --key-file key --key-id {}', 2, /without spaces, colons and braces/],
      ['encrypt --file bytes --key-file key', 2, /'bytes' is no UTF-8 text/],
      ['encrypt --file empty --key-file key', 2, /There is no text/],
      ['encrypt --file text --in shop.yml --key-file key', 2, /without --file and --output/],
      ['encrypt --in shop.yml --key-file key', 2, /Which value of 'shop\.yml'\? --property KEY/],
      ['encrypt --in shop.yml --property z --key-file key', 1, /no value 'z' in 'shop\.yml': it has a, b, c/],
      ['encrypt --in shop.yml --property b --key-file key', 2, /has 'b' 2 times: which --line, 2, 8\?/],
      ['encrypt --in shop.yml --property a --key-file key', 1, /shop\.yml:1: a is encrypted already/],
      ['encrypt --in shop.yml --property c --key-file key', 1, /shop\.yml:3: 'c' has no value/],
      ['encrypt --in shop.yml --property d --key-file key', 1, /one text for several keys \(an alias\): d, e/],
      ['decrypt --in shop.yml --property f --key-file key', 1, /shop\.yml:6: f is not encrypted/],
      ['decrypt --in shop.yml --property a --key-file key', 1, /Text not encrypted with this key/],
      ['decrypt --file cipher --key-file key', 1, /Text not encrypted with this key/],
      ['keygen --format hex --bits 2048', 2, /--bits is for RSA keys/],
      ['rotate . --key-file key', 2, /Which key\? --old-key-file FILE.*CARILLON_OLD_ENCRYPT_KEY/],
      ['rotate absent --key-file key --old-key-file key', 2, /'absent' is no folder/],
    ]
    const before = read('shop.yml')
    const ends = await all(...rows.map(([line]) => line))
    expect(ends).to.have.length(rows.length)
    for (const [index, [line, code, message]] of rows.entries()) {
      const { err, ...ended } = ends[index] as Ended
      expect(ended, `${line}: ${err}`).to.deep.equal({ code, out: '' })
      expect(err, line).to.match(message)
      expect(err, line).not.to.match(/^\s+at /m)
      expect(tracesIn(err), line).to.deep.equal([])
    }
    expect(read('shop.yml')).to.equal(before)
  })

  it('takes keys from the variables of Spring, and of its own before them', async () => {
    const [cipher = ''] = await ok('encrypt --key-file key --file text')
    write(cwd, { cipher })
    const rows: readonly (readonly [Record<string, string>, number])[] = [
      [{ ENCRYPT_KEY: KEY }, 0],
      [{ CARILLON_ENCRYPT_KEY: KEY, ENCRYPT_KEY: 'another' }, 0],
      [{ CARILLON_ENCRYPT_KEY: 'another', ENCRYPT_KEY: KEY }, 1],
    ]
    const ends = await Promise.all(rows.map(([env]) => runAll([['decrypt', '--file', 'cipher']], { cwd, env })))
    expect(ends.map(([end]) => end?.code)).to.deep.equal(rows.map(([, code]) => code))
    expect(ends[0]?.[0]?.out).to.equal(SECRET)
  })

  it('asks a server that has the key', async () => {
    const flags = { 'encrypt.key': KEY, 'spring.security.user.name': 'ada', 'spring.security.user.password': PASSWORD }
    const { url } = await serve({ files: { 'shop.yml': 'a: b\n' }, flags })
    const bare = await serve({ files: { 'shop.yml': 'a: b\n' } })
    // What Spring makes of a selector that it does not know.
    const spring = createServer((_, response) => response.end(`{gcm:1}${'0f'.repeat(32)}`))
    await new Promise<void>((resolve) => spring.listen(0, '127.0.0.1', resolve))
    scratch.closing({ close: () => new Promise<void>((resolve) => spring.close(() => resolve())) })
    const { port } = spring.address() as AddressInfo
    const env = { CARILLON_USERNAME: 'ada', CARILLON_PASSWORD: PASSWORD }
    const asked = (...lines: readonly string[]) =>
      runAll(
        lines.map((line) => line.split(' ')),
        { cwd, env },
      )
    const text = `{key:x}${SECRET} a=b+c é=`
    write(cwd, { text, 'shop.yml': `a: ${SECRET} # ours\n` })
    const [made, sealed, placed] = await asked(
      `encrypt --server ${url} --file text`,
      `encrypt --server http://127.0.0.1:1,${url} --file text --sealed --property a`,
      `encrypt --server ${url} --in shop.yml --property a`,
    )
    expect(
      [made, sealed, placed].map((end) => end?.code),
      made?.err,
    ).to.deep.equal([0, 0, 0])
    write(cwd, { made: made?.out ?? '', sealed: sealed?.out ?? '' })
    expect(read('shop.yml')).to.match(/^a: '\{cipher\}[0-9a-f]{96}' # ours\n$/)
    const back = await asked(
      `decrypt --server ${url} --file made`,
      `decrypt --server ${url}/ --file sealed --property a`,
      'decrypt --key-file key --file made',
      'decrypt --key-file key --file sealed --property a',
    )
    expect(back.map(({ out }) => out)).to.deep.equal(back.map(() => text))
    const rows: readonly (readonly [string, number, RegExp])[] = [
      [`decrypt --server ${url} --file text`, 1, /Text not encrypted with this key/],
      [`decrypt --server ${url} --file sealed --property b`, 1, /Text not encrypted with this key/],
      [`encrypt --server http://127.0.0.1:${port} --file text --sealed --property a`, 1, /no sealed cipher/],
      [`encrypt --server ${bare.url} --file text`, 1, /No key was installed/],
      [`encrypt --server ${url} --file text --key-file key`, 2, /without flags of a key/],
      ['encrypt --server ftp://x --file text', 2, /expected an address such as https/],
      ['encrypt --server http://127.0.0.1:1 --file text', 3, /127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/],
    ]
    const ends = await asked(...rows.map(([line]) => line))
    for (const [index, [line, code, message]] of rows.entries()) {
      expect(ends[index], line).to.include({ code, out: '' })
      expect(ends[index]?.err, line)
        .to.match(message)
        .and.not.to.match(/^\s+at |a=b/m)
      expect(tracesIn(ends[index]?.err ?? ''), line).to.deep.equal([])
    }
    expect((await all(`encrypt --server ${url} --file text`))[0]).to.include({ code: 4, out: '' })
  })

  it('explains itself', async () => {
    for (const page of await ok('encrypt --help', 'help decrypt', 'keygen --help', 'help rotate'))
      expect(page.match(/^ {2}carillon /gm), page).to.have.length(3)
  })

  /** A repository with values of two keys, one of them sealed, one with an alias, and what is no value. */
  async function secretRepository(): Promise<string> {
    write(cwd, { 'old.key': `${OLD_KEY}\n` })
    const [plain = '', sealed = '', named = ''] = await ok(
      'encrypt --key-file key --file text -o properties',
      'encrypt --key-file key --file text -o properties --sealed --property db.password',
      'encrypt --key-file old.key --file text -o properties --key-id 2025',
    )
    return makeRepository(join(cwd, 'repo'), {
      'shop.yml': `# '{cipher}no-value-but-a-note'\ndb:\n  password: "${sealed.trim()}"   # sealed\n  user: ada\nbase: &x '${plain.trim()}'\ncopy: *x\n`,
      'app/orders.properties': `# tokens\r\napi.token = ${plain.trim()}\r\nold.token=${named.trim()}\r\nport=1\r\n`,
      'plain.yml': 'a: b\n',
      'chart/templates/x.yaml': '{{ if .Values.x }}\na: {{ .Values.b }}\n{{ end }}\n',
      'beans.xml': `<a>${plain.trim()}</a>\n`,
    })
  }
})

function snapshotOf(folder: string): Readonly<Record<string, string>> {
  const paths = git(folder, 'ls-files', '--cached', '--others').split('\n').sort()
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
}

function valueIn(yaml: string, property: string): unknown {
  return property.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], load(yaml))
}
