import { type ActuatorConfig, type ActuatorOptions, actuator as answerer } from './actuator.js'
import { requestOf } from './incoming.js'

/** What is needed of Koa's context. */
export interface KoaContext {
  readonly method: string
  readonly url: string
  status: number
  body: unknown
  readonly set: (headers: Record<string, string>) => void
}

/** The endpoints of `actuator()` as a middleware: `app.use(actuator(config))`. */
export function actuator(
  config: ActuatorConfig,
  options?: ActuatorOptions,
): (context: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  const answer = answerer(config, options)
  return async (context, next) => {
    const request = requestOf(context)
    const response = request && (await answer(request))
    if (response === undefined) return void (await next())
    context.status = response.status
    context.body = await response.text()
    // After the body, which brings headers of its own: an answer to HEAD has the length of the one to GET.
    context.set(Object.fromEntries(response.headers))
  }
}
