/** A RabbitMQ of the machine's own installation (Debian's `rabbitmq-server`), with its data in a folder of ours. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { installPackages, which } from './install.mjs'
import { accepts, freePorts, isAlive, signal, startDetached, tailOf, waitUntil } from './processes.mjs'

// What Debian puts in PATH changes to a user of its own and writes to folders of its own; this one does neither.
const DEBIAN = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** Makes sure that RabbitMQ can be started. Throws what is missing. */
export function prepareRabbit({ say, fetch }) {
  if (program() === undefined) installPackages(['rabbitmq-server'], { say, fetch })
  if (program() === undefined) throw new Error(`rabbitmq-server: was installed, but lies neither at ${DEBIAN} nor in PATH`)
}

/**
 * Starts RabbitMQ in a folder and waits until it answers. `settings` are further lines of rabbitmq.conf; with `tls` (PEM files: `authority`, `certificate`, `key`)
 * it has a second, TLS port, which checks the certificates of clients that have one. Throws the end of its log.
 */
export async function startRabbit({ folder, ports, settings = [], tls, deadline = 60_000 }) {
  const [port, distribution, mapper, tlsPort] = ports ?? (await freePorts(4))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'enabled_plugins'), '[].\n')
  writeFileSync(
    join(folder, 'rabbitmq.conf'),
    [...configuration(port), ...(tls ? tlsConfiguration(tlsPort, tls) : []), ...settings, ''].join('\n'),
  )
  const log = join(folder, 'log', 'server.log')
  const env = environment({ folder, port, distribution, mapper })
  // Erlang would start this for itself, as a daemon that nobody ever stops.
  const epmd = await startDetached({ command: 'epmd', args: ['-port', String(mapper), '-address', '127.0.0.1'], env, log })
  const server = await startDetached({ command: program(), env, cwd: folder, log })
  await waitUntil({
    ready: async () => (await accepts({ host: '127.0.0.1', port })) && (!tls || accepts({ host: '127.0.0.1', port: tlsPort })),
    runs: () => isAlive(server),
    deadline,
    giveUp: () => [server, epmd].map((one) => signal(one, 'SIGKILL')),
    complain: (why) => `RabbitMQ on port ${port}: ${why}; the end of ${log}:\n${tailOf(log)}`,
  })
  return {
    name: 'rabbitmq',
    kind: 'native',
    url: `amqp://127.0.0.1:${port}`,
    ...(tls && { tls, tlsUrl: `amqps://localhost:${tlsPort}` }),
    ports: [port, distribution, mapper, tlsPort],
    folder,
    processes: [server, epmd],
  }
}

/** What `rabbitmqctl` prints for a server that was started here. Throws what it complains about. Whoever waits keeps its own heartbeats going. */
export async function controlRabbit({ folder, ports: [port, distribution, mapper] }, args) {
  const tool = join(dirname(program()), 'rabbitmqctl')
  const env = { ...process.env, ...environment({ folder, port, distribution, mapper }) }
  const { stdout } = await promisify(execFile)(tool, ['--quiet', ...args], { env, cwd: folder })
  return stdout
}

function program() {
  return existsSync(DEBIAN) ? DEBIAN : which('rabbitmq-server')
}

function configuration(port) {
  return [
    `listeners.tcp.local = 127.0.0.1:${port}`,
    'log.file = false',
    'log.console = true',
    'log.console.level = warning',
    'disk_free_limit.absolute = 1MB',
  ]
}

function tlsConfiguration(port, { authority, certificate, key }) {
  return [
    `listeners.ssl.local = 127.0.0.1:${port}`,
    `ssl_options.cacertfile = ${authority}`,
    `ssl_options.certfile = ${certificate}`,
    `ssl_options.keyfile = ${key}`,
    'ssl_options.verify = verify_peer',
  ]
}

function environment({ folder, port, distribution, mapper }) {
  return {
    HOME: folder,
    ERL_EPMD_PORT: String(mapper),
    RABBITMQ_NODENAME: `carillon-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'data', 'config'),
    // The script then becomes the server instead of watching over it, so that the process we know is the one to stop.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_START_ARGS: '-noinput',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none',
  }
}
