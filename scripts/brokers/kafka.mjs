/** A Kafka broker from its published jars (Maven) on the machine's Java: one node that is its own controller, with its data in a folder of ours. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages } from './install.mjs'
import { accepts, complaintOf, freePorts, isAlive, signal, startDetached, tailOf, waitUntil } from './processes.mjs'

/** Who may speak to the listeners that ask for a password: SASL PLAIN and SCRAM. */
export const account = { user: 'carillon', password: 'p:ass/word@1' }

const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

const pom = join(import.meta.dirname, 'kafka.pom.xml')

/** Makes sure that Kafka can be started: Java, and the jars below `cache`. Throws what is missing. */
export function prepareKafka({ cache, say, fetch }) {
  const jars = jarsOf(cache)
  const built = existsSync(jars)
  const missing = [
    ...(complaintOf('java', ['-version']) === undefined ? [] : ['openjdk-17-jre-headless']),
    ...(built || complaintOf('mvn', ['-version']) === undefined ? [] : ['maven']),
  ]
  if (missing.length > 0) installPackages(missing, { say, fetch })
  if (!built && fetch === 'never') throw new Error('the jars of Kafka: not fetched')
  if (!built) download(jars, say)
}

/**
 * Starts Kafka in a folder and waits until it answers. With `tls` (PEM files: `authority`, and `both` for certificate and key) it has two more listeners: one asks
 * for a password over TLS, one for the certificate of the client. Throws the end of its log.
 */
export async function startKafka({ cache, folder, ports, tls, deadline = 60_000 }) {
  const [port, guarded, controller, secure, mutual] = ports ?? (await freePorts(5))
  const open = tls ? [port, guarded, secure, mutual] : [port, guarded]
  const file = join(folder, 'server.properties')
  const log = join(folder, 'log', 'server.log')
  const java = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-cp', `${jarsOf(cache)}/*`]
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, [...configuration({ folder, port, guarded, controller, tls, secure, mutual }), ''].join('\n'))
  if (!existsSync(join(folder, 'data', 'meta.properties'))) format(java, file)
  const quiet = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dlog4j2.level=WARN']
  const server = await startDetached({
    command: 'java',
    args: [...java.slice(0, 5), ...quiet, ...java.slice(5), 'kafka.Kafka', file],
    cwd: folder,
    log,
  })
  await waitUntil({
    ready: async () => (await Promise.all(open.map((each) => accepts({ host: '127.0.0.1', port: each })))).every(Boolean),
    runs: () => isAlive(server),
    deadline,
    giveUp: () => signal(server, 'SIGKILL'),
    complain: (why) => `Kafka on port ${port}: ${why}; the end of ${log}:\n${tailOf(log)}`,
  })
  const [user, password] = [account.user, account.password].map(encodeURIComponent)
  const guardedUrl = `kafka://${user}:${password}@127.0.0.1:${guarded}`
  return {
    name: 'kafka',
    kind: 'native',
    url: `kafka://127.0.0.1:${port}`,
    guardedUrl,
    ...(tls && {
      tls,
      tlsUrl: `kafka://${user}:${password}@localhost:${secure}?tls=true`,
      mutualUrl: `kafka://localhost:${mutual}?tls=true`,
    }),
    ports: [port, guarded, controller, secure, mutual],
    folder,
    processes: [server],
  }
}

function jarsOf(cache) {
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
  return join(cache, `kafka-${version}`)
}

// Built aside and renamed, so that a run that was cut short never leaves half a class path.
function download(jars, say) {
  const draft = `${jars}.${process.pid}`
  const copy = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${draft}`]
  say('Fetching the jars of Kafka (mvn) …')
  if (complaintOf('mvn', ['-o', ...copy]) !== undefined) {
    const complaint = complaintOf('mvn', copy)
    if (complaint !== undefined) throw new Error(`Maven could not fetch the jars of Kafka: ${complaint}`)
  }
  rmSync(jars, { recursive: true, force: true })
  renameSync(draft, jars)
}

function format(java, file) {
  const scram = SCRAM.flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${account.user},password=${account.password}]`])
  const args = [...java, 'kafka.tools.StorageTool', 'format', '-t', 'Y2FyaWxsb24tYnJva2Vycw', '-c', file, ...scram]
  const complaint = complaintOf('java', args)
  if (complaint !== undefined) throw new Error(`Kafka could not format its data folder: ${complaint}`)
}

function configuration({ folder, port, guarded, controller, tls, secure, mutual }) {
  const listeners = [
    { name: 'OPEN', protocol: 'PLAINTEXT', at: `127.0.0.1:${port}` },
    { name: 'GUARDED', protocol: 'SASL_PLAINTEXT', at: `127.0.0.1:${guarded}` },
    ...(tls
      ? [
          { name: 'SECURE', protocol: 'SASL_SSL', at: `localhost:${secure}` },
          { name: 'MUTUAL', protocol: 'SSL', at: `localhost:${mutual}` },
        ]
      : []),
  ]
  const controllers = { name: 'CONTROLLER', protocol: 'PLAINTEXT', at: `127.0.0.1:${controller}` }
  const list = (items, textOf) => items.map(textOf).join(',')
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${list([...listeners, controllers], ({ name, at }) => `${name}://${at.replace('localhost', '127.0.0.1')}`)}`,
    `advertised.listeners=${list(listeners, ({ name, at }) => `${name}://${at}`)}`,
    `listener.security.protocol.map=${list([...listeners, controllers], ({ name, protocol }) => `${name}:${protocol}`)}`,
    'inter.broker.listener.name=OPEN',
    'controller.listener.names=CONTROLLER',
    `sasl.enabled.mechanisms=PLAIN,${SCRAM.join(',')}`,
    ...listeners.filter(({ protocol }) => protocol.startsWith('SASL')).flatMap(({ name }) => logins(name.toLowerCase())),
    ...(tls ? tlsConfiguration(tls) : []),
    `log.dirs=${join(folder, 'data')}`,
    // A cluster of one, and no waiting for members that might come.
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    // A broker that was killed is let in again once its last session has run out.
    'broker.heartbeat.interval.ms=300',
    'broker.session.timeout.ms=1500',
    'log.cleaner.dedupe.buffer.size=4194304',
    'num.network.threads=2',
    'num.io.threads=4',
  ]
}

function logins(listener) {
  const { user, password } = account
  const login = (mechanism, text) =>
    `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config=org.apache.kafka.common.security.${text};`
  return [
    login('PLAIN', `plain.PlainLoginModule required user_${user}="${password}"`),
    ...SCRAM.map((mechanism) => login(mechanism, 'scram.ScramLoginModule required')),
  ]
}

function tlsConfiguration({ authority, both }) {
  return [
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${both}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${authority}`,
    'listener.name.mutual.ssl.client.auth=required',
  ]
}
