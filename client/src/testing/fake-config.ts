import type { StandardSchemaV1 } from '@standard-schema/spec'
import { systemClock } from '../clock.js'
import type { Config, RefreshResult } from '../config.js'
import { ConfigError } from '../errors.js'
import { openConfig } from '../open-config.js'
import { fakeBus } from './fake-bus.js'
import { fakeSource } from './fake-source.js'
import { type Patch, patched } from './patch.js'

/** A configuration whose server is the test. It touches no network, disk or environment, and starts no timer. */
export interface FakeConfig<T> extends Config<T> {
  /** A new version with this laid over the values; resolves once it is in use, or refused by something that is made of it. */
  readonly push: (patch: Patch<T>) => Promise<RefreshResult>
  /** A new version that the schema refuses: the values stay. */
  readonly reject: (issues?: readonly StandardSchemaV1.Issue[]) => Promise<RefreshResult>
  /** The server does not answer, until the next `push` or `reject`. */
  readonly fail: (error?: ConfigError) => Promise<RefreshResult>
  /** The bus is away: what is pushed comes in when somebody asks. */
  readonly disconnect: () => void
  readonly connect: () => void
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A configuration with these values, as a schema would have made them. It behaves as one that was loaded: what it does with its versions is the same code. */
export function fakeConfig<T extends object>(values: T): FakeConfig<T> {
  const source = fakeSource(patched({}, values) as object)
  const bus = fakeBus()
  const ingredients = { announced: new Map<string, never>(), document: source.latest(), defaults: {} }
  const config = openConfig({
    plan: {
      names: ['fake'],
      profiles: ['default'],
      labels: [],
      logger: silent,
      clock: systemClock,
      random: () => 0,
      retry: false,
      refresh: { bus: bus.link, pollMs: 0, debounceMs: 0, splayMs: 0, pinned: [] },
    },
    make: async (next) => source.generationOf(next),
    remote: source.remote,
    first: source.generationOf({ ingredients, source: 'server' }),
    trouble: undefined,
    snapshot: undefined,
    pid: 0,
  }) as Config<T>
  // Who joins a bus asks first: what is pushed is to be told as what it is.
  const joined = config.refresh()
  const tell = async (change: () => void): Promise<RefreshResult> => {
    await joined
    change()
    bus.announce(source.latest().version.commit)
    return config.refresh()
  }
  return Object.assign(config, {
    push: (patch: Patch<T>) => tell(() => source.publish(patched(source.values(), patch) as object)),
    reject: (issues: readonly StandardSchemaV1.Issue[] = [{ message: 'refused by the test' }]) => tell(() => source.spoil(issues)),
    fail: (error = new ConfigError('unreachable', 'No server answered, as the test wants it.')) => tell(() => source.fail(error)),
    connect: bus.connect,
    disconnect: bus.disconnect,
  })
}
