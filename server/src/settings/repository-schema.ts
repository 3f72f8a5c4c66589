import { flag, integer, type SettingNode, text, texts } from './nodes.js'

const HOST_KEY_ALGORITHMS = ['ssh-dss', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-ed25519']

const proxyKeys = (scheme: string): Readonly<Record<string, SettingNode>> => ({
  [`proxy.${scheme}.host`]: text(`Proxy for ${scheme} repositories.`),
  [`proxy.${scheme}.port`]: integer('Its port.', { minimum: 1, maximum: 65535 }),
  [`proxy.${scheme}.username`]: text('User name for the proxy.'),
  [`proxy.${scheme}.password`]: text('Password for the proxy.', { secret: true }),
  [`proxy.${scheme}.non-proxy-hosts`]: texts('Hosts that are reached without the proxy, separated by | or commas.'),
})

/** The keys of one Git repository, main or `repos.<name>` (spring-compat 3.1). */
const repositoryKeys: Readonly<Record<string, SettingNode>> = {
  uri: text(
    'Where the repository is: file:, http(s):, ssh:, user@host:path or a path. May hold {application}, {profile} and {label}, but not in its host.',
    {
      uri: true,
    },
  ),
  basedir: text('Folder for the clone of this repository; without it one below carillon.data-folder.'),
  'search-paths': texts('Folders beside the root, with {application}, {profile}, {label} and the wildcards * and **.', { default: [] }),
  'default-label': text('The label of requests that name none.', { default: 'main' }),
  'try-master-branch': flag('Where there is no main, try master.', { default: true }),
  'continue-on-multiple-label-failure': flag('Of several labels, leave out those that fail.', { default: false }),
  'clone-on-start': flag('Wait for the first clone at start; one that is refused stops it, one whose host is away is tried again.', {
    default: false,
  }),
  'clone-submodules': flag('Clone submodules too.', { unsupported: 'files of submodules are not served' }),
  'force-pull': flag('Fetch over local changes. Always so: there is no work tree that could change.'),
  'delete-untracked-branches': flag('Forget branches that the remote deleted.', { default: false }),
  'refresh-rate': integer('Seconds between looks at the remote; 0: every 5 s in the background; less: never.', { default: 0 }),
  timeout: integer(
    'Seconds for connecting and for silence on the line; 0: as long as a look at the remote may take, 15 minutes, and in repos that of the main repository.',
    { default: 5, minimum: 0 },
  ),
  username: text('User name for http(s), and for ssh where the address names none.'),
  password: text('Password or token for http(s), password for ssh.', { secret: true }),
  'skip-ssl-validation': flag('Believe any certificate.', { default: false }),
  ...proxyKeys('http'),
  ...proxyKeys('https'),
  order: integer('Place among several backends, small numbers first.'),
  passphrase: text('Passphrase of the ssh key.', { secret: true }),
  'private-key': text('ssh key, as PEM text.', { secret: true }),
  'host-key': text('Public ssh key of the host, in base64.'),
  'host-key-algorithm': text('Its algorithm.', { enum: HOST_KEY_ALGORITHMS }),
  'known-hosts-file': text("File of known ssh hosts, instead of the user's own."),
  'preferred-authentications': text('ssh authentications in the order of trying, separated by commas.'),
  'ignore-local-ssh-settings': flag('Use no ssh files and no agent of the user; only what is given here. Off without a value.'),
  'strict-host-key-checking': flag('Refuse ssh hosts whose key is unknown or another. On without a value.'),
}

const pattern: SettingNode = {
  type: 'object',
  shorthand: 'uri',
  properties: {
    ...repositoryKeys,
    name: text('Name of the entry, as its key.'),
    pattern: texts('application/profile patterns with *; the name of the entry without it.'),
  },
  required: ['uri'],
  additionalProperties: false,
}

/** `spring.cloud.config.server.git`, and an entry of `composite` of type git. */
export const gitSchema: SettingNode = {
  type: 'object',
  properties: {
    ...repositoryKeys,
    repos: { type: 'object', description: 'Repositories for some applications and profiles.', additionalProperties: pattern, default: {} },
  },
  additionalProperties: false,
}

/** `spring.cloud.config.server.native`, and an entry of `composite` of type native (spring-compat 2.2). */
export const nativeSchema: SettingNode = {
  type: 'object',
  properties: {
    'search-locations': texts('Folders, with {application}, {profile} and {label}.', { default: ['file:./', 'file:./config/'] }),
    'default-label': text('The label of requests that name none.', { default: 'master' }),
    'add-label-locations': flag('Look in <location>/<label>/ too.', { default: true }),
    'fail-on-error': flag('Without effect, as in Spring.'),
    version: text('The version that answers state.'),
    order: integer('Place among several backends, small numbers first.'),
  },
  additionalProperties: false,
}

/** Without defaults and without refusing a key: which keys an entry may have is known once its type is. */
const anyEntry = (schema: SettingNode): Readonly<Record<string, SettingNode>> =>
  Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, { default: _, ...node }]) => [
      name,
      name === 'repos' ? { ...node, additionalProperties: { ...pattern, properties: anyEntry(pattern), required: [] } } : node,
    ]),
  )

/** One entry of `spring.cloud.config.server.composite`; checked again by its type. */
export const compositeEntrySchema: SettingNode = {
  type: 'object',
  properties: { ...anyEntry(nativeSchema), ...anyEntry(gitSchema), type: text('git or native.') },
  required: ['type'],
  additionalProperties: true,
}
