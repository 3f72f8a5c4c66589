import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { brokerSettings } from '../interop/broker-settings.js'
import { CONFIG_CLIENT } from '../interop/spring-peers.js'
import { clearServing, newFolder, type Serving } from '../server/http/serving.js'
import { eventually } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import type { Program } from '../tools/programs.js'
import { findFreePort } from '../tools/servers.js'
import { buildClassPath } from '../tools/spring/class-path.js'
import { useSpring } from '../tools/spring/use-spring.js'
import { checkout, getJson, sampleWith, serveSample, startExample } from './sample.js'

interface Quote {
  readonly shipping: string
  readonly pool: number
}

const project = join(checkout, 'examples/spring-boot')

describe('examples/spring-boot', function () {
  this.timeout(60_000)
  let server: Serving
  let shop: Program
  let url: string

  before(async function () {
    useSpring(this, [CONFIG_CLIENT])
    const broker = (await useBroker(this, 'rabbitmq'))?.url ?? ''
    server = await serveSample(brokerSettings(broker))
    const port = await findFreePort()
    url = `http://127.0.0.1:${port}`
    const settings = { 'server.port': port, 'spring.cloud.config.uri': server.url, 'spring.rabbitmq.addresses': broker }
    const classPath = [compile(), ...jars()].join(':')
    const args = Object.entries(settings).map(([key, value]) => `--${key}=${value}`)
    shop = startExample('java', ['-XX:TieredStopAtLevel=1', '-Xmx256m', '-cp', classPath, 'example.shop.ShopApplication', ...args])
    await shop.says(/Started ShopApplication/)
  })
  after(async () => {
    await shop?.end()
    await clearServing()
  })

  const quote = () => getJson<Quote>(`${url}/quote`)

  it('is built with the versions that the rest is tested with', () => {
    const versionsIn = (pom: string, names: readonly string[]) =>
      names.map((name) => new RegExp(`<${name}>([\\d.]+)</`).exec(readFileSync(pom, 'utf8'))?.[1])
    expect(versionsIn(join(project, 'pom.xml'), ['version', 'spring-cloud.version'])).to.deep.equal(
      versionsIn(join(checkout, 'test/tools/spring/pom.xml'), ['boot.version', 'cloud.version']),
    )
  })

  it('answers with what the configuration says', async () => {
    expect(await quote()).to.deep.equal({ shop: 'Bell Street Goods', shipping: '4.90 EUR', express: true, pool: 5 })
  })

  it('follows a commit', async () => {
    server.commit(sampleWith('orders.yml', { "'4.90'": "'3.90'", 'pool: 5': 'pool: 8' }))
    const answer = await eventually(quote, ({ shipping }) => shipping === '3.90 EUR')
    expect(answer).to.include({ pool: 8 })
  })
})

/** The jars that the project's pom asks for. The other tests have Kafka's beside them, which set values of their own. */
function jars(): readonly string[] {
  const lib = buildClassPath(CONFIG_CLIENT).split(':')[1]?.replace(/\*$/, '') ?? ''
  return readdirSync(lib)
    .filter((name) => !name.includes('kafka'))
    .map((name) => join(lib, name))
}

/** Compiles the project as Maven would, with the jars of the other tests; gives the folder of its classes. */
function compile(): string {
  const classes = newFolder()
  const sources = readdirSync(join(project, 'src/main/java/example/shop')).map((name) => join(project, 'src/main/java/example/shop', name))
  const javac = ['-parameters', '-cp', jars().join(':'), '-d', classes, ...sources]
  const { status, stderr } = spawnSync('javac', javac, { encoding: 'utf8' })
  expect(status, stderr).to.equal(0)
  cpSync(join(project, 'src/main/resources'), classes, { recursive: true })
  return classes
}
