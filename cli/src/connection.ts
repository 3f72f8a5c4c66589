import type { Auth, LoadOptions, Tls } from '@carillon/client'
import { CommandError } from './failure.js'
import { readGiven } from './given-file.js'
import { listFlag, numberFlag, textFlag } from './option.js'
import { talkOf } from './talk.js'

/** The flags of every command that asks a server. */
export const connectionFlags = {
  server: listFlag({
    says: 'Address of a server, or several; another one is asked when one fails',
    default: 'http://localhost:8888',
    env: 'CARILLON_URI',
  }),
  timeout: numberFlag('timeout', { says: 'Seconds to go on asking when no server answers' }),
  'ca-cert': textFlag('ca-cert', { says: "PEM file with the authorities that sign the server's certificate", env: 'CARILLON_CA_CERT' }),
  cert: textFlag('cert', { says: 'PEM file with a client certificate', env: 'CARILLON_CERT' }),
  'cert-key': textFlag('cert-key', { says: 'PEM file with its key', env: 'CARILLON_CERT_KEY' }),
} as const

export interface ConnectionArguments {
  readonly server: readonly string[] | undefined
  readonly timeout: number | undefined
  readonly 'ca-cert': string | undefined
  readonly cert: string | undefined
  readonly 'cert-key': string | undefined
}

/** Said below the flags of such a command. */
export const connectionEpilogue =
  'Credentials come from the environment, never from flags, which others can see: CARILLON_USERNAME and CARILLON_PASSWORD, or CARILLON_TOKEN.'

type Variables = Readonly<Record<string, string | undefined>>

/** What `load` needs to reach a server. Warnings and errors of the client go to stderr. Throws 'usage' for credentials or files that cannot be meant. */
export async function connectionOf(args: ConnectionArguments, env: Variables, talk = talkOf()): Promise<LoadOptions> {
  refuseSecrets(args.server ?? [])
  const auth = authOf(env)
  const tls = await tlsOf(args, env)
  return {
    ...(args.server === undefined ? {} : { uri: args.server }),
    ...(auth === undefined ? {} : { auth }),
    ...(tls === undefined ? {} : { tls }),
    // One round, unless somebody has time: a person at a terminal wants to know that the server is away.
    ...(args.timeout === undefined ? { retry: false } : { timeouts: { startupMs: args.timeout * 1000 } }),
    local: { env: false, argv: false },
    refresh: false,
    logger: talk.logger,
  }
}

function authOf(env: Variables): Auth | undefined {
  const { CARILLON_TOKEN: bearer, CARILLON_USERNAME: username, CARILLON_PASSWORD: password } = env
  if (bearer !== undefined && username !== undefined) {
    throw new CommandError('usage', 'CARILLON_TOKEN and CARILLON_USERNAME are both set: expected one of them.')
  }
  if (bearer !== undefined) return { bearer }
  if (username === undefined && password === undefined) return undefined
  if (username === undefined || password === undefined) {
    throw new CommandError('usage', 'CARILLON_USERNAME and CARILLON_PASSWORD belong together, and one of them is not set.')
  }
  return { username, password }
}

function refuseSecrets(servers: readonly string[]): void {
  if (!servers.some((server) => /:\/\/[^/]*@/.test(server))) return
  throw new CommandError(
    'usage',
    '--server has credentials, and everybody on this machine can see flags: use CARILLON_USERNAME and CARILLON_PASSWORD, or CARILLON_URI.',
  )
}

async function tlsOf(args: ConnectionArguments, env: Variables): Promise<Tls | undefined> {
  const files = {
    ca: args['ca-cert'] ?? env.CARILLON_CA_CERT,
    cert: args.cert ?? env.CARILLON_CERT,
    key: args['cert-key'] ?? env.CARILLON_CERT_KEY,
  }
  const read = await Promise.all(
    Object.entries(files).map(async ([name, file]) =>
      file === undefined ? [] : [[name, (await readGiven(file)).toString('utf8')] as const],
    ),
  )
  const tls = Object.fromEntries(read.flat())
  return Object.keys(tls).length === 0 ? undefined : tls
}
