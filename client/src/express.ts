import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ActuatorConfig, type ActuatorOptions, actuator as answerer } from './actuator.js'
import { requestOf } from './incoming.js'

/** The endpoints of `actuator()` as a middleware for Express and Connect: `app.use(actuator(config))`. */
export function actuator(
  config: ActuatorConfig,
  options?: ActuatorOptions,
): (incoming: IncomingMessage, outgoing: ServerResponse, next: (error?: unknown) => void) => Promise<void> {
  const answer = answerer(config, options)
  return async (incoming, outgoing, next) => {
    const request = requestOf(incoming)
    let response: Response | undefined
    try {
      response = request && (await answer(request))
    } catch (error) {
      return next(error)
    }
    if (response === undefined) return next()
    outgoing.statusCode = response.status
    outgoing.setHeaders(response.headers)
    outgoing.end(await response.text())
  }
}
