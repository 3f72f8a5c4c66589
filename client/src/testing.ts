export type { FakeApps } from './testing/fake-environment.js'
export { type FakeRequest, type FakeServer, type FakeServerOptions, startFakeServer } from './testing/fake-server.js'
export type { Fault } from './testing/fault.js'
