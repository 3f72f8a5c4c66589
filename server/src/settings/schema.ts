import { busSchema } from './bus-schema.js'
import { encryptSchema, serverEncryptSchema } from './encrypt-schema.js'
import { closed, flag, ignored, integer, refused, type SettingNode, text, texts } from './nodes.js'
import { compositeEntrySchema, gitSchema, nativeSchema } from './repository-schema.js'

const noBackend = (name: string): SettingNode => refused(`the ${name} backend is not supported, and without it its values would be missing`)
const keysByText = 'a text chooses its key itself, with {key:ID}'
const notOurs = 'Carillon has nothing that it could set'

const configServer: Readonly<Record<string, SettingNode>> = {
  prefix: text('Prepended to environment, resource and encryption routes.', { default: '' }),
  'default-label': text('The label of requests that name none, for the main repository, native and composite entries.'),
  'accept-empty': flag('Answer 200, not 404, where an application has no source.', { default: true }),
  'strip-document-from-yaml': flag('Write a YAML document that is no map without its key "document".', { default: true }),
  'reverse-location-order': flag('Turn round which location wins.', { default: false }),
  'fail-on-composite-error': flag('One failing backend fails the answer.', { default: true }),
  'default-application-name': text('Application of the short forms of /encrypt and /key.', { unsupported: keysByText }),
  'default-profile': text('Profile of the short forms of /encrypt and /key.', { unsupported: keysByText }),
  overrides: {
    type: 'object',
    description: 'Values that win over everything, for every application.',
    additionalProperties: { type: 'string', placeholders: 'kept' },
    default: {},
  },
  git: { ...gitSchema, default: {} },
  native: { ...nativeSchema, default: {} },
  composite: { type: 'array', description: 'Several backends, the first the strongest.', items: compositeEntrySchema, default: [] },
  enabled: flag('Be a config server.', { unsupported: 'carillon serve is always one' }),
  bootstrap: flag('Let the server configure itself.', { unsupported: 'Carillon does not read its own settings from what it serves' }),
  ...serverEncryptSchema,
  health: ignored('health repositories are not supported yet'),
  monitor: closed(),
  ...Object.fromEntries(
    ['github', 'gitlab', 'bitbucket', 'gitea', 'gitee', 'gogs'].map((host) => [
      `monitor.${host}.enabled`,
      flag(`Read deliveries of ${host} at /monitor.`, { default: true }),
    ]),
  ),
  'monitor.ignored-paths': texts('Regular expressions for whole paths of files that concern nobody.', { default: [] }),
  'monitor.fixed-delay': integer('Interval of looks at local folders (ms).', { unsupported: 'local repositories and folders are watched' }),
  bus: ignored(notOurs),
  consul: ignored('there is no Vault backend that would watch it'),
  vault: noBackend('vault'),
  jdbc: noBackend('jdbc'),
  redis: noBackend('redis'),
  svn: noBackend('subversion'),
  mongodb: noBackend('mongodb'),
  credhub: noBackend('credhub'),
  awss3: noBackend('awss3'),
  'aws-secretsmanager': noBackend('awssecretsmanager'),
  awsparamstore: noBackend('awsparamstore'),
  'gcp-secret-manager': noBackend('secret-manager'),
}

const tls: Readonly<Record<string, SettingNode>> = {
  enabled: flag('Serve https where a certificate is given.', { default: true }),
  certificate: text('PEM file of the certificate and its chain.'),
  'certificate-private-key': text('PEM file of its key.'),
  'certificate-private-key-password': text('Password of that key.', { secret: true }),
  'trust-certificate': text('PEM file of the authorities that client certificates may come from.'),
  'key-store': text('PKCS#12 file, instead of PEM files.'),
  'key-store-password': text('Its password.', { secret: true }),
  'key-store-type': text('Only PKCS12.', { enum: ['pkcs12'] }),
  'client-auth': text('Ask for a client certificate.', { enum: ['none', 'want', 'need'], default: 'none' }),
  'key-alias': text('Key in the store.', { unsupported: 'the first key of the store is used' }),
  'key-password': text('Password of the key in the store.', {
    secret: true,
    unsupported: 'server.ssl.key-store-password is used for the key too',
  }),
  'key-store-provider': text('Java security provider.', { unsupported: notOurs }),
  'trust-certificate-private-key': text('Not used by servers.', { unsupported: notOurs }),
  'trust-store': text('Java trust store.', {
    refused: 'give server.ssl.trust-certificate, a PEM file; without it clients would not be checked',
  }),
  'trust-store-password': text('Its password.', { secret: true, unsupported: notOurs }),
  'trust-store-type': text('Its type.', { unsupported: notOurs }),
  'trust-store-provider': text('Its provider.', { unsupported: notOurs }),
  protocol: text('Protocol.', { unsupported: 'the protocols of Node.js are used' }),
  'enabled-protocols': texts('Protocols.', { unsupported: 'the protocols of Node.js are used' }),
  ciphers: texts('Cipher suites.', { unsupported: 'the cipher suites of Node.js are used' }),
  bundle: text('Name of an SSL bundle.', {
    refused: 'give server.ssl.certificate or server.ssl.key-store; without them answers would not be encrypted',
  }),
  'server-name-bundles': { ...refused('give server.ssl.certificate or server.ssl.key-store; without them answers would not be encrypted') },
}

/** Boot families that a config server's settings files hold for other parts of the application. A longer key above wins. */
const families: Readonly<Record<string, SettingNode>> = {
  server: ignored(notOurs),
  spring: ignored(notOurs),
  'spring.security': refused('only spring.security.user.* is supported, and without this key access would not be checked as it says'),
  ...Object.fromEntries(
    ['management', 'endpoints', 'logging', 'eureka', 'info', 'debug', 'trace', 'springdoc', 'resilience4j'].map((name) => [
      name,
      ignored(notOurs),
    ]),
  ),
}

const below = (prefix: string, keys: Readonly<Record<string, SettingNode>>): Readonly<Record<string, SettingNode>> =>
  Object.fromEntries(Object.entries(keys).map(([name, node]) => [`${prefix}.${name}`, node]))

/**
 * All settings: types, defaults and descriptions of Spring's keys in kebab-case, and of Carillon's own below `carillon`. Keys not
 * named here are refused. A property's name may be several steps of a key; the longest name that fits is meant.
 */
export const settingsSchema: SettingNode = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...families,
    'server.port': integer('Port; 0 takes a free one and prints it.', { default: 8888, minimum: 0, maximum: 65535 }),
    'server.address': text('Address; loopback without credentials, all addresses with them.'),
    'server.ssl': closed(),
    ...below('server.ssl', tls),
    'spring.profiles': text('Profile of a document.', { refused: 'Spring Boot refuses it too: give spring.config.activate.on-profile' }),
    'spring.profiles.active': texts('Chooses backends (git, native, composite) and documents of this file.', { default: [] }),
    'spring.profiles.include': texts('Profiles that are active too.', { default: [] }),
    'spring.profiles.validate': flag('Check the names of profiles.'),
    'spring.profiles.default': text('Profile without active ones.', { unsupported: 'it is always default' }),
    'spring.profiles.group': ignored('name the members in spring.profiles.active'),
    'spring.config.activate.on-profile': texts('The document applies with these profiles.'),
    'spring.config.activate.on-cloud-platform': text('The document applies on this platform.', { unsupported: 'the document is left out' }),
    'spring.security.user': closed(),
    'spring.security.user.name': text('User name of clients.', { default: 'user' }),
    'spring.security.user.password': text('Password of clients; without it everybody may read.', { secret: true }),
    'spring.security.user.roles': texts('Roles.', { unsupported: 'there are no roles' }),
    'management.endpoints.web.exposure.include': texts('Endpoints below /actuator, * for all.', { default: ['health'] }),
    'management.endpoints.web.exposure.exclude': texts('Endpoints that are not served.', { default: [] }),
    'spring.cloud.config.monitor': closed(),
    'spring.cloud.config.monitor.endpoint.path': text('What stands before /monitor.', { default: '' }),
    'spring.cloud.config.server': closed(),
    ...below('spring.cloud.config.server', configServer),
    ...busSchema,
    carillon: closed(),
    ...encryptSchema,
    'carillon.data-folder': text('Folder for clones and everything else that may be lost without harm.', { default: '.carillon' }),
    'carillon.log-level': text('What is logged.', { default: 'info', enum: ['trace', 'debug', 'info', 'warn', 'error', 'silent'] }),
    'carillon.strict-compat': flag(
      'Answer with an error where a commit cannot be read, as Spring does, instead of with an earlier commit.',
      {
        default: false,
      },
    ),
    'carillon.trust-certificate': text('PEM file of authorities to trust beside the usual ones when a repository is fetched.'),
    'carillon.git.engine': text(
      "Who reads and reaches Git: isomorphic (isomorphic-git, in this process), system (the machine's git) or auto, which takes git where isomorphic-git cannot do it.",
      { default: 'auto', enum: ['auto', 'isomorphic', 'system'] },
    ),
    'carillon.git.max-packs': integer('Packs of a clone; with more of them, small ones are made one in the background.', {
      default: 40,
      minimum: 1,
    }),
    'carillon.git.max-disk': integer('MiB that the packs of one clone may take; a fetch that would bring more is stopped. 0: no limit.', {
      default: 10_240,
      minimum: 0,
    }),
    'carillon.webhooks.secrets': texts(
      'Secrets of webhooks, two while they change; any counts for any host. Without one nothing is checked.',
      {
        secret: true,
        default: [],
      },
    ),
    'carillon.webhooks.branches': texts('Branches whose pushes count, * at the end for any rest; all without one. Tags always count.', {
      default: [],
    }),
    'carillon.webhooks.tolerance': integer('How far the time of a signed webhook may be off (s).', { default: 300, minimum: 1 }),
  },
}
