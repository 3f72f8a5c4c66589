/** The brokers as containers, where `docker info` finds an engine. */
import { spawnSync } from 'node:child_process'
import { accepts, complaintOf, freePorts, waitUntil } from './processes.mjs'

/** Why no container can be started here; `undefined` when an engine runs. */
export function engineComplaint() {
  return complaintOf('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 })
}

/** Why there is no image to start at once; `undefined` when it is on this machine. */
export function imageComplaint(name) {
  return complaintOf('docker', ['image', 'inspect', images[name](0).args.at(-1), '--format', '{{.Id}}'])
}

const images = {
  rabbitmq: (port) => ({
    url: `amqp://127.0.0.1:${port}`,
    inside: 5672,
    args: ['-e', 'RABBITMQ_DEFAULT_USER=guest', '-e', 'RABBITMQ_DEFAULT_PASS=guest', 'rabbitmq:3.13-alpine'],
  }),
  kafka: (port) => ({
    url: `kafka://127.0.0.1:${port}`,
    inside: port,
    args: [...Object.entries(kafkaSettings(port)).flatMap(([name, value]) => ['-e', `KAFKA_${name}=${value}`]), 'apache/kafka:4.1.1'],
  }),
}

/** Starts one broker as a container and waits until it answers. Throws what the engine said. */
export async function startContainer(name, { deadline = 120_000 } = {}) {
  const [port] = await freePorts(1)
  const { url, inside, args } = images[name](port)
  const { status, stdout, stderr } = spawnSync('docker', ['run', '-d', '--rm', '-p', `127.0.0.1:${port}:${inside}`, ...args], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`docker could not run ${args.at(-1)}: ${stderr.trim()}`)
  const container = stdout.trim()
  const runs = () => complaintOf('docker', ['inspect', container]) === undefined
  const complain = (why) => `The container of ${args.at(-1)}: ${why}`
  // The port of a container takes connections before its program does; the broker has to say something of its own.
  const answers = async () => (await accepts({ host: '127.0.0.1', port })) && isReady(name, container)
  await waitUntil({ ready: answers, runs, deadline, complain, giveUp: () => stopContainer({ container }) })
  return { name, kind: 'container', url, container }
}

export function stopContainer({ container }) {
  spawnSync('docker', ['rm', '-f', container], { stdio: 'ignore' })
}

export function containerRuns({ container }) {
  return complaintOf('docker', ['inspect', container]) === undefined
}

function isReady(name, container) {
  const probe =
    name === 'rabbitmq'
      ? ['rabbitmq-diagnostics', '-q', 'check_port_connectivity']
      : ['/opt/kafka/bin/kafka-topics.sh', '--bootstrap-server', 'localhost:19092', '--list']
  return complaintOf('docker', ['exec', container, ...probe]) === undefined
}

function kafkaSettings(port) {
  return {
    NODE_ID: '1',
    PROCESS_ROLES: 'broker,controller',
    LISTENERS: `OPEN://:${port},INSIDE://:19092,CONTROLLER://:9093`,
    ADVERTISED_LISTENERS: `OPEN://127.0.0.1:${port},INSIDE://localhost:19092`,
    LISTENER_SECURITY_PROTOCOL_MAP: 'OPEN:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
    INTER_BROKER_LISTENER_NAME: 'INSIDE',
    CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    TRANSACTION_STATE_LOG_MIN_ISR: '1',
    GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    HEAP_OPTS: '-Xmx256m',
  }
}
