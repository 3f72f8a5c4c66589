/** The programs of the demo, and what is done to them. */
import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withoutSecret } from '../brokers/fleet.mjs'
import { root } from '../setup.mjs'
import { chooseBroker } from './broker.mjs'
import { deliverPush, startGitHost } from './git-host.mjs'
import { hearServer } from './server-log.mjs'
import { openTranscript } from './transcript.mjs'

const FILE = 'orders.yml'
const NAMES = ['one', 'two']

/** Repository, bus, server and two instances. */
export async function setUp({ stage, screen, bus: wanted }) {
  screen.step('A repository with configuration, and a bus')
  const repository = makeRepository(stage)
  const host = await startGitHost(repository)
  stage.undoing(host.close)
  const bus = await chooseBroker({ undoing: stage.undoing, say: screen.say, wanted })
  screen.say(`repository  a copy of config-repo-sample/, at ${host.url}`)
  screen.say(bus.url === undefined ? noBus(wanted) : `bus         ${bus.label} at ${withoutSecret(bus.url)}`)

  const demo = { stage, screen, repository, host, bus, secret: randomBytes(32).toString('hex') }
  demo.transcript = openTranscript((line) => screen.line(line))
  await startServer(demo)
  await startInstances(demo)
  return demo
}

/** Commits edits, tells the server as GitHub would, and waits until both instances have said what becomes of it: `ends` gives the pattern. */
export async function commitAndPush(demo, { message, edits, ends }) {
  const { stage, screen, repository, host, server, secret, transcript, bus } = demo
  const before = stage.git(repository, 'rev-parse', 'HEAD')
  edit(join(repository, FILE), edits)
  stage.git(repository, 'commit', '-q', '-a', '-m', message)
  const after = stage.git(repository, 'rev-parse', 'HEAD')
  for (const [was, now] of edits) screen.say(`${FILE}: ${was} -> ${now}`)
  const from = transcript.mark()
  screen.restartClock()
  screen.say(`commit ${after.slice(0, 7)} "${message}"; the host calls the webhook:`)
  const push = { before, after, message, files: [FILE] }
  const { signature, status, text } = await deliverPush({ hook: `${server.url}/webhooks/github`, secret, repository: host.url, push })
  screen.say(`POST /webhooks/github, X-Hub-Signature-256: ${signature.slice(0, 15)}… -> ${status} ${text}`)
  if (status !== 202) throw new Error('the webhook was not accepted')
  const said = new RegExp(ends(after.slice(0, 7)))
  await Promise.all(NAMES.map((name) => transcript.until(name, said, from)))
  if (bus.url === undefined) return
  await Promise.all(NAMES.map((name) => transcript.until('server', new RegExp(`^ack of ${name}`), from)))
}

/** What a customer is told by each instance. */
export async function showQuotes({ screen, instances }) {
  for (const { name, url } of instances) {
    const { shipping, pool } = await (await fetch(`${url}/quote?items=3`)).json()
    screen.line({ who: name, text: `GET /quote -> shipping ${shipping}, by a pool of ${pool}` })
  }
}

export async function showHealth({ screen, instances }) {
  for (const { name, url } of instances) {
    const answer = await fetch(`${url}/actuator/health`)
    const { status, components } = await answer.json()
    const { applied, wanted } = components.config.details
    const versions = [`runs ${applied.commit.slice(0, 7)}`, ...(wanted === undefined ? [] : [`refused ${wanted.commit.slice(0, 7)}`])]
    screen.line({ who: name, text: `GET /actuator/health -> ${answer.status} ${status}, ${versions.join(', ')}` })
  }
}

/** Ends everything as an operator would: with SIGTERM. */
export async function takeDown({ stage, screen, instances, server }) {
  screen.step('The end: SIGTERM')
  screen.stopClock()
  const codes = await Promise.all(instances.map(({ program }) => program.stop()))
  const ends = [...codes, await server.program.stop()]
  stage.clear()
  screen.say(`exit codes ${ends.join(', ')}; nothing runs any more, and ${stage.folder} is gone`)
}

function makeRepository({ folder, git }) {
  const repository = join(folder, 'shop-config')
  cpSync(join(root, 'config-repo-sample'), repository, { recursive: true })
  git(repository, 'init', '-q')
  git(repository, 'add', '.')
  git(repository, 'commit', '-q', '-m', 'First configuration')
  return repository
}

function noBus(wanted) {
  const why = wanted === 'none' ? '' : ' to be had (`npm run brokers -- up` installs one)'
  return `bus         none${why}: the instances ask every 2 s`
}

async function startServer(demo) {
  const { stage, screen, host, bus, secret, transcript } = demo
  screen.step('The server')
  // It looks at the repository by itself once an hour: what is seen here, the webhook has done.
  const settings = ['--set', 'spring.cloud.config.server.git.refresh-rate=3600', ...bus.serverArgs]
  const program = stage.start({
    args: ['cli/bin/carillon.js', 'serve', host.url, '--port', '0', '--data-folder', join(stage.folder, 'data'), ...settings],
    env: { CARILLON_WEBHOOKS_SECRETS: secret },
    hear: (text) => hearServer(text, { tell: (line) => transcript.hear('server', line), nameOf: (pid) => nameOf(demo, pid) }),
  })
  const { text } = await transcript.until('server', /^Carillon serves .* on http/)
  demo.server = { program, url: /http:\S+$/.exec(text)[0] }
  await transcript.until('server', /^main is /)
  if (bus.url !== undefined) await transcript.until('server', /^The bus is connected/)
}

async function startInstances(demo) {
  const { stage, screen, bus, transcript, server } = demo
  screen.step(`Two instances of a shop: examples/${bus.example}`)
  demo.instances = NAMES.map((name) => ({ name, program: stage.start(instance(demo, name)) }))
  for (const instance of demo.instances) {
    const { text } = await transcript.until(instance.name, /^http:/)
    instance.url = new URL(text.split(' ')[0]).origin
    if (bus.url !== undefined) await transcript.until(instance.name, /^bus connected/)
  }
  screen.say(`their configuration: curl ${server.url}/orders/default`)
  await showQuotes(demo)
}

function instance({ bus, server, transcript }, name) {
  return {
    args: ['--import', 'tsx/esm', join('examples', bus.example, 'main.ts')],
    env: { CARILLON_URI: server.url, SERVER_PORT: '0', ...bus.env },
    hear: (text) => transcript.hear(name, text),
  }
}

function nameOf({ instances }, pid) {
  return instances.find(({ program }) => program.child.pid === pid)?.name ?? `process ${pid}`
}

function edit(path, edits) {
  let text = readFileSync(path, 'utf8')
  for (const [was, now] of edits) {
    if (!text.includes(was)) throw new Error(`${path} has no line "${was}"`)
    text = text.replace(was, now)
  }
  writeFileSync(path, text)
}
