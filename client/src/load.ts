import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Config } from './config.js'
import { openDecryption } from './decrypt/open.js'
import { generationOf, type Make, type Making } from './generation.js'
import { openConfig } from './open-config.js'
import type { LoadOptions } from './options.js'
import { type Plan, planOf } from './plan.js'
import { openRemote } from './remote/open.js'
import { openSnapshot } from './snapshot.js'
import { startFrom } from './start.js'
import { surroundings } from './surroundings.js'

/** What a schema makes of values; without one whatever the files hold. */
// biome-ignore lint/suspicious/noExplicitAny: without a schema nothing is known of the values
export type Values<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : Record<string, any>

/**
 * Loads configuration from a Carillon or Spring Cloud Config server and keeps it fresh. Throws ConfigError: 'bad-options', 'unauthorized', 'not-found',
 * 'invalid', 'undecipherable' at once, 'unreachable', 'timeout' or 'bad-response' when the time for the start is over and there is no last known good configuration.
 */
export async function load<const S extends StandardSchemaV1 | undefined = undefined>(
  options: LoadOptions<S> = {},
): Promise<Config<Values<S>>> {
  const around = surroundings()
  const plan = planOf(options, around)
  plan.refresh?.bus?.check?.()
  // until the first answer there may be nothing else that keeps the process alive
  const awake = setInterval(() => {}, 2 ** 30)
  const remote = openRemote({ ...plan, logger: plan.logger })
  try {
    return (await begin(plan, remote, around.pid)) as Config<Values<S>>
  } catch (error) {
    remote.close()
    throw error
  } finally {
    clearInterval(awake)
  }
}

async function begin(plan: Plan, remote: ReturnType<typeof openRemote>, pid: number): Promise<Config<unknown>> {
  const { logger, clock } = plan
  const snapshot = plan.snapshot && openSnapshot({ ...plan.snapshot, view: plan, clock, warn: (message) => logger.warn(message) })
  const decryption = await openDecryption(plan.decrypt)
  const { document, source, trouble } = await startFrom(plan, remote, snapshot)
  const making: Making = { local: plan.local, schema: plan.schema, prefix: plan.prefix, pinned: plan.refresh?.pinned ?? [], decryption }
  const ingredients = { announced: new Map<string, never>(), document, defaults: plan.defaults ?? {} }
  const make: Make = (next) => generationOf({ ...making, ...next })
  const first = await make({ ingredients, source })
  for (const warning of first.resolved.warnings) logger.warn(`Configuration: ${warning}`)
  return openConfig({ plan, make, remote, first, trouble, snapshot, pid })
}
