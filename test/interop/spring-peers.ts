import { ask } from '../server/http/serving.js'
import { eventually } from '../server/trees/repositories.js'
import type { SpringPart } from '../tools/spring/class-path.js'
import { startSpringServer } from '../tools/spring/spring.js'
import { brokerSettings } from './broker-settings.js'
import { PATIENCE } from './member.js'

/** An ack as a listener inside the Spring application heard it: its id, bus ids and the class of what was acknowledged. */
export interface HeardAck {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly event: string
}

/** A real Spring application on the bus. */
export interface SpringPeer {
  readonly url: string
  readonly log: string
  /** POSTs JSON, or nothing, and gives the status. */
  readonly post: (path: string, body?: object, headers?: Readonly<Record<string, string>>) => Promise<number>
  readonly get: <T>(path: string) => Promise<T>
  /** The first ack that it heard and that fits. */
  readonly hears: (fits: (ack: HeardAck) => boolean, within?: number) => Promise<HeardAck>
  readonly close: () => Promise<void>
}

export const CONFIG_CLIENT: readonly SpringPart[] = ['config-client', 'bus']
export const CONFIG_SERVER: readonly SpringPart[] = ['config-server', 'config-monitor', 'bus']

interface PeerOptions {
  /** The broker. */
  readonly broker: string
  readonly application: string
}

/** Starts an application (test/tools/spring/src/config-client) with the profiles dev and eu that takes its configuration from a server. Throws with the end of its log. */
export async function startConfigClient({ server, ...options }: PeerOptions & { readonly server: string }): Promise<SpringPeer> {
  const settings = { 'spring.config.import': `configserver:${server}`, 'spring.profiles.active': 'dev,eu' }
  return startPeer({ ...options, parts: CONFIG_CLIENT, main: 'ConfigClient', settings })
}

/** Starts Spring Cloud Config Server with its monitor over a repository. Throws with the end of its log. */
export async function startConfigServer({ uri, ...options }: PeerOptions & { readonly uri: string }): Promise<SpringPeer> {
  const settings = {
    'spring.cloud.config.server.git.uri': uri,
    'spring.cloud.config.server.git.default-label': 'main',
    // It has no key: clients decrypt.
    'spring.cloud.config.server.encrypt.enabled': 'false',
  }
  return startPeer({ ...options, parts: CONFIG_SERVER, main: 'ConfigServer', settings })
}

interface Peer extends PeerOptions {
  readonly parts: readonly SpringPart[]
  readonly main: string
  readonly settings: Readonly<Record<string, string>>
}

async function startPeer({ broker, application, parts, main, settings }: Peer): Promise<SpringPeer> {
  const server = await startSpringServer({
    parts,
    main,
    settings: {
      'spring.application.name': application,
      'management.endpoints.web.exposure.include': '*',
      // Both binders are on the class path: the health of the other broker is nobody's business.
      'management.health.rabbit.enabled': 'false',
      'management.health.binders.enabled': 'false',
      'spring.main.sources': 'BusWitness',
      'spring.cloud.bus.trace.enabled': 'true',
      ...brokerSettings(broker),
      ...settings,
    },
  })
  const { port } = new URL(server.url)
  const get = async <T>(path: string): Promise<T> => JSON.parse((await ask(Number(port), path)).text) as T
  return {
    url: server.url,
    log: server.log,
    get,
    post: async (path, body, headers = {}) => {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      return (await ask(Number(port), path, { method: 'POST', headers: { ...type, ...headers }, ...sent })).status
    },
    hears: async (fits, within = PATIENCE) => {
      const acks = await eventually(
        () => get<readonly HeardAck[]>('/witness/acks'),
        (heard) => heard.some(fits),
        within,
      )
      return acks.find(fits)!
    },
    close: server.close,
  }
}
