import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { RunningServer } from '../../server/src/server.js'
import { commandsOf } from '../cli/commands.js'
import { ask, clearServing, newFolder, start } from '../server/http/serving.js'
import { eventually, makeScratch, write } from '../server/trees/repositories.js'
import { findFreePort } from '../tools/servers.js'
import type { SpringPart } from '../tools/spring/class-path.js'
import { startSpringServer } from '../tools/spring/spring.js'
import { useSpring } from '../tools/spring/use-spring.js'

interface Case {
  readonly name: string
  /** Lines below `encrypt` in the settings file that both servers are started with. */
  readonly encrypt: readonly string[]
  /** What stands before the texts for other keys than the default one. */
  readonly selectors?: readonly string[]
}

const scratch = makeScratch()
const { runAll } = commandsOf(scratch)

const PARTS: readonly SpringPart[] = ['config-server']
const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const p12 = `key-store: {location: 'file:${file('conformance/secure/server.p12')}', type: pkcs12, password: letmein1, alias: mytestkey}`
const jks = `key-store: {location: 'file:${file('environment/ciphers/stores/a.jks')}', type: jks, password: letmein1, alias: k2}`
const pem = readFileSync(file('conformance/secure/rsa.pem'), 'utf8')

const cases: readonly Case[] = [
  { name: 'password', encrypt: ['key: a password of both'] },
  { name: 'password-salt', encrypt: ['key: a password of both', 'salt: 0123456789abcdef'] },
  { name: 'pem', encrypt: [`key: ${JSON.stringify(pem)}`] },
  { name: 'jks', encrypt: [jks], selectors: ['{key:k1}{secret:keypass1}'] },
  { name: 'p12-strong', encrypt: [p12, 'rsa: {strong: true}'] },
  { name: 'p12-oaep', encrypt: [p12, 'rsa: {algorithm: oaep, salt: a grain}'] },
  { name: 'p12-oaep-strong', encrypt: [p12, 'rsa: {algorithm: oaep, strong: true, salt: cafebabe}'] },
]

const texts = ['a', 'päss wörd €', 'sixteen letters.', ' x=y&z=1 100%+\n', '{plain}{"json": [1, 2]}', 'long '.repeat(2_000)]

/** The same settings for a server of either side, over the files of one folder. */
const settingsOf = ({ encrypt }: Case, folder: string, port: number): string =>
  [
    `server: {port: ${port}, address: 127.0.0.1}`,
    'spring:',
    '  profiles.active: native',
    `  cloud.config.server.native.search-locations: 'file:${folder}'`,
    'encrypt:',
    ...encrypt.map((line) => `  ${line}`),
    '',
  ].join('\n')

/** Sends a text to `/encrypt` or `/decrypt` of a server; throws unless it answers with a text. */
async function translate(url: string, action: 'encrypt' | 'decrypt', body: string): Promise<string> {
  const answer = await ask(Number(new URL(url).port), `/${action}`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body })
  if (answer.status !== 200) throw new Error(`${action} at ${url}: ${answer.status} ${answer.text}`)
  return answer.text
}

/** Every text as a server encrypts it. */
function encryptAt(url: string, before: string): Promise<readonly { readonly plain: string; readonly cipher: string }[]> {
  const made = async (text: string) => ({
    plain: text.replace('{plain}', ''),
    cipher: await translate(url, 'encrypt', `${before}${text}`),
  })
  return Promise.all(texts.map(made))
}

/** What a server says of an application that has one file, once it has seen the file. */
async function valuesOf(url: string, application: string): Promise<Readonly<Record<string, unknown>>> {
  const look = async () => {
    const { text } = await ask(Number(new URL(url).port), `/${application}/default`)
    return (JSON.parse(text) as { propertySources: readonly { source: Record<string, unknown> }[] }).propertySources[0]?.source
  }
  return (await eventually(look, (source) => source !== undefined)) ?? {}
}

describe('cipher texts beside a Spring Cloud Config Server', function () {
  this.timeout(60_000)
  // Made in `before`: what is made while suites are collected, the first suite that clears up removes.
  let folder = ''
  const theirs = new Map<string, string>()
  const ours = new Map<string, RunningServer>()
  let spring: RunningServer | undefined

  before(async function () {
    useSpring(this, [PARTS])
    folder = newFolder()
    const written: { readonly config: string; readonly port: number }[] = []
    for (const one of cases) {
      const port = await findFreePort()
      const settings = settingsOf(one, folder, port)
      const config = join(newFolder(), `${one.name}.yml`)
      writeFileSync(config, settings)
      written.push({ config, port })
      theirs.set(one.name, `http://127.0.0.1:${port}`)
      ours.set(one.name, await start(settings, newFolder()))
    }
    const also = written.slice(0, -1).map(({ config }) => config)
    spring = await startSpringServer({ parts: PARTS, main: 'ConfigServers', ...written.at(-1), settings: { also: also.join() } })
  })
  after(async () => {
    await spring?.close()
    for (const server of ours.values()) await server.close()
    await scratch.clear()
    await clearServing()
  })

  it('are made and read with carillon encrypt --server and decrypt --server of either, whatever a text looks like', async () => {
    const odd = ['{key:x}a=b+c é=', '{plain}{"json": [1, 2]}', '{"a":1}', ' x=y&z=1 100%+ ', '{name:a}{profiles:b}{gcm:1}']
    const cwd = newFolder()
    write(cwd, { key: 'a password of both', ...Object.fromEntries(odd.map((text, index) => [`text${index}`, text])) })
    const all = async (lines: readonly string[]): Promise<readonly string[]> => {
      const ends = await runAll(
        lines.map((line) => line.split(' ')),
        { cwd },
      )
      expect(ends.map(({ err }) => err).join('')).to.equal('')
      return ends.map(({ out }) => out)
    }
    const both = [ours.get('password')?.url, theirs.get('password')]
    const made = await all(both.flatMap((url) => odd.map((_, index) => `encrypt --server ${url} --file text${index}`)))
    write(cwd, Object.fromEntries(made.map((text, index) => [`cipher${index}`, text])))
    for (const where of [...both.map((url) => `--server ${url}`), '--key-file key'])
      expect(await all(made.map((_, index) => `decrypt ${where} --file cipher${index}`)), where).to.deep.equal([...odd, ...odd])
  })

  const rows = cases.flatMap(({ name, selectors = [] }) => ['', ...selectors].map((before) => ({ name, before })))
  for (const { name, before } of rows) {
    it(`are read on both sides with ${name}${before}`, async () => {
      const both = [ours.get(name)?.url ?? '', theirs.get(name) ?? '']
      const made = (await Promise.all(both.map((url) => encryptAt(url, before)))).flat()
      for (const { cipher } of made) expect(cipher.slice(0, before.length)).to.equal(before)
      const application = `app-${name}${before === '' ? '' : '-selected'}`
      writeFileSync(join(folder, `${application}.yml`), made.map(({ cipher }, index) => `v${index}: '{cipher}${cipher}'\n`).join(''))
      const plain = made.map((each) => each.plain)
      for (const url of both) {
        expect(await Promise.all(made.map(({ cipher }) => translate(url, 'decrypt', cipher))), url).to.deep.equal(plain)
        expect(Object.values(await valuesOf(url, application)), url).to.deep.equal(plain)
      }
    })
  }
})
