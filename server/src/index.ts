export { type ErrorPlace, ServerError, type ServerErrorCode } from './errors.js'
export { type LocatedFile, type LocatedValue, locateValues } from './resolution/parse/located.js'
export { type Log, type RunningServer, type ServerOptions, startServer } from './server.js'
export { installKeys, type ReadFile } from './settings/keys.js'
export {
  type LoadedSettings,
  loadSettings,
  pathOfRepo,
  printSettings,
  type SettingProvenance,
  type SettingsInput,
} from './settings/load.js'
export type { EncryptSettings, Settings } from './settings/settings.js'
export { createRepository, type FoundRepository, findRepository } from './trees/git/index.js'
