import type { Scalar } from '@carillon/environment'

/** The settings of a running server: one frozen object, built once. Durations are in seconds, as in Spring's keys. */
export interface Settings {
  readonly server: ServerSettings
  /** Folder for clones and everything else that may be lost without harm to a user. */
  readonly dataFolder: string
  /** Prepended to environment, resource and encryption routes; begins with `/`, or is empty. */
  readonly prefix: string
  readonly acceptEmpty: boolean
  readonly stripDocumentFromYaml: boolean
  readonly reverseLocationOrder: boolean
  readonly failOnCompositeError: boolean
  /** A commit that cannot be read for a request is an error, as in Spring; otherwise an earlier one is served. */
  readonly strictCompat: boolean
  /** In the order of the file; list items have keys such as `list.0`, `\${` and `$\{` are unescaped. */
  readonly overrides: ReadonlyMap<string, Scalar>
  readonly users: readonly UserSettings[]
  /** Endpoints below `/actuator`, `*` for all. */
  readonly exposure: readonly string[]
  /** In the order of precedence, strongest first; at least one. */
  readonly backends: readonly BackendSettings[]
  readonly monitor: MonitorSettings
  readonly encrypt: EncryptSettings
  /** Absent: nobody is told of changes. */
  readonly bus?: BusSettings
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' }
}

/** Keys for cipher texts, and what is done with those that are met. Files are read when the server starts, and again when they change. */
export interface EncryptSettings {
  /** Whether cipher values are decrypted before they are served. */
  readonly enabled: boolean
  /** Whether they are in plain-text files, too. */
  readonly plainText: boolean
  /** A value that cannot be decrypted is shown as `invalid.<key>: <n/a>`, or as its text. */
  readonly invalid: 'prefix' | 'text'
  /** What weaker sources have under a key that cannot be decrypted. */
  readonly fallThrough: 'hide' | 'show'
  /** A password or a PEM. */
  readonly key?: string
  /** Hex. */
  readonly salt: string
  /** Instead of `key`. */
  readonly keyFile?: SettingFile
  /** Wins over `key`. */
  readonly keyStore?: KeyStoreSettings
  /** More keys by id: texts, or files of them. */
  readonly keys: ReadonlyMap<string, string | SettingFile>
}

export interface KeyStoreSettings {
  readonly location: SettingFile
  readonly password: string
  readonly alias: string
  readonly secret?: string
  readonly rsa: { readonly algorithm: 'DEFAULT' | 'OAEP'; readonly strong: boolean; readonly salt: string }
}

/** What is done with requests to Spring's `/monitor` and to `/webhooks/…`. */
export interface MonitorSettings {
  /** Begins with `/` and ends with `/monitor`. */
  readonly path: string
  /** Hosts whose deliveries `/monitor` does not read. */
  readonly disabled: readonly ExtractorName[]
  /** Regular expressions that are known to compile; what one of them fits from end to end names nobody. */
  readonly ignoredPaths: readonly string[]
  /** Any of them counts for any host; none: deliveries are not checked. */
  readonly secrets: readonly string[]
  /** Names, or beginnings with `*` at the end; none: all branches. */
  readonly branches: readonly string[]
  /** How far the time of a signed delivery may be off (seconds). */
  readonly tolerance: number
}

export type ExtractorName = 'github' | 'gitlab' | 'bitbucket' | 'gitea' | 'gitee' | 'gogs'

/** The bus that carries announcements and answers. */
export interface BusSettings {
  /** `amqp:`, `amqps:`, `kafka:` or `memory:`; may hold credentials. */
  readonly url: string
  /** Exchange or topic. */
  readonly destination: string
  /** The whole bus id, instead of one made of the application's name and the port. */
  readonly id?: string
  readonly application: string
  readonly ack: { readonly enabled: boolean; readonly destination?: string }
  /** The Kafka topic of acks, where it is not the destination with `-acks`. */
  readonly ackTopic?: string
  /** Absent: TLS as the URL says, with what Node.js trusts. Present: TLS whatever the URL says. */
  readonly tls?: BusTlsSettings
}

/** How the brokers prove who they are, and this server who it is. Contents are read when the server starts. */
export interface BusTlsSettings {
  /** The only authorities whose certificates count; absent: those of Node.js. */
  readonly trust?: SettingFile
  readonly certificate?: SettingFile
  readonly privateKey?: SettingFile
  /** Certificate and key in one, where those two are absent. */
  readonly keyStore?: SettingFile
  /** Of the key, or of the store. */
  readonly password?: string
  readonly verify: 'all' | 'authority' | 'nothing'
}

/** A file, or PEM text in its place, and the key that names it. */
export interface SettingFile {
  readonly key: string
  readonly location: string
}

export interface ServerSettings {
  readonly port: number
  /** Absent: loopback without credentials, all addresses with them. */
  readonly address?: string
  readonly tls?: TlsSettings
}

/** PEM files, or a PKCS#12 store. Contents are read when the server starts. */
export interface TlsSettings {
  readonly certificate?: string
  readonly privateKey?: string
  readonly privateKeyPassword?: string
  readonly trustCertificate?: string
  readonly keyStore?: string
  readonly keyStorePassword?: string
  readonly clientAuth: 'none' | 'want' | 'need'
}

export interface UserSettings {
  readonly name: string
  readonly password: string
}

export type BackendSettings = GitSettings | NativeSettings

export interface GitSettings extends RepositorySettings {
  readonly type: 'git'
  /** In the order of definition. */
  readonly repos: readonly PatternSettings[]
}

/** One Git repository; `uri` and `searchPaths` may hold `{application}`, `{profile}` and `{label}`. */
export interface RepositorySettings {
  readonly uri: string
  readonly searchPaths: readonly string[]
  readonly defaultLabel: string
  readonly tryMasterBranch: boolean
  readonly continueOnMultipleLabelFailure: boolean
  readonly basedir?: string
  readonly username?: string
  readonly password?: string
  /** 0: refs are listed every 5 s; more: the interval; less: never. */
  readonly refreshRate: number
  /** For connecting and for the silence between two pieces of an answer (s); never 0. */
  readonly timeout: number
  readonly cloneOnStart: boolean
  readonly deleteUntrackedBranches: boolean
  readonly skipSslValidation: boolean
  /** A PEM file of authorities to trust beside the usual ones. */
  readonly trustCertificate?: string
  readonly ssh: SshSettings
  readonly proxy: { readonly http?: ProxySettings; readonly https?: ProxySettings }
  readonly engine: GitEngine
  /** More packs than this are made fewer. */
  readonly maxPacks: number
  /** Bytes that the packs of its clone may take; 0 for no limit. */
  readonly maxDisk: number
}

/** Which engine reads and reaches Git repositories: by what is there to be read (`auto`), or always the same. */
export type GitEngine = 'auto' | 'isomorphic' | 'system'

/** How ssh gets at a repository. What is absent comes from the user's own files, unless they are to be ignored. */
export interface SshSettings {
  readonly ignoreLocal: boolean
  /** PEM text. */
  readonly privateKey?: string
  readonly passphrase?: string
  readonly hostKey?: { readonly algorithm: string; readonly key: string }
  readonly knownHostsFile?: string
  /** As ssh names them, separated by commas. */
  readonly preferredAuthentications?: string
  readonly strictHostKeyChecking: boolean
}

export interface PatternSettings extends RepositorySettings {
  readonly name: string
  /** At least one; as written, before Spring's preparation. */
  readonly patterns: readonly string[]
}

export interface ProxySettings {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  readonly nonProxyHosts: readonly string[]
}

export interface NativeSettings {
  readonly type: 'native'
  /** Locations as written, `file:` or plain paths, perhaps with `{application}`, `{profile}`, `{label}`. */
  readonly searchLocations: readonly string[]
  readonly defaultLabel: string
  readonly addLabelLocations: boolean
  readonly version?: string
}
