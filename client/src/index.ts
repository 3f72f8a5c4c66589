export type { BusLink, BusMember } from './bus-link.js'
export type {
  Change,
  Config,
  ConfigEvents,
  EnvClash,
  EnvOptions,
  Health,
  KeyChange,
  Live,
  Origin,
  Provenance,
  RefreshCause,
  RefreshResult,
  Rejected,
  Status,
  Subscription,
  Version,
} from './config.js'
export { type Attempt, ConfigError, type ConfigErrorCode, type ConfigErrorFacts } from './errors.js'
export type { Json } from './json.js'
export { load, type Values } from './load.js'
export type {
  Auth,
  Clock,
  DecryptKeyStore,
  DecryptOptions,
  DiscoveredServer,
  Discovery,
  LoadOptions,
  LocalOptions,
  Logger,
  RefreshOptions,
  Retry,
  SnapshotOptions,
  Timeouts,
  Tls,
} from './options.js'
export type { ValueAt, ValuePath } from './paths.js'
