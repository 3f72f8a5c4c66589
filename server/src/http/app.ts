import type { RequestListener } from 'node:http'
import Koa from 'koa'
import { type Answer, conditional } from './answer.js'
import { type DispatchOptions, dispatch } from './dispatch.js'
import { createFinishedAnswers } from './finished.js'
import { createTogether } from './together.js'

/**
 * The server's HTTP side as one listener: a table of finished answers, and Koa for everything that is not in it. Access is checked and answers are
 * counted on both ways.
 */
export function createApp(options: DispatchOptions): RequestListener {
  const finished = createFinishedAnswers(options)
  const together = createTogether()
  const koa = new Koa()
  koa.on('error', (error: unknown) => options.onFailure(error, ''))
  koa.use(async (context) => {
    const started = process.hrtime()
    const { answer, route } = await together(finished.question(context.req), async () => {
      const dispatched = await dispatch(options, context.req)
      finished.keep(context.req, dispatched.answer, dispatched.route)
      return dispatched
    })
    const sent = conditional(answer, context.headers)
    respond(context, sent)
    options.metrics.answered({ route, status: sent.status, seconds: secondsSince(started) })
  })
  const callback = koa.callback()
  return (request, response) => {
    if (!finished.serve(request, response)) void callback(request, response)
  }
}

/** Koa gives a body a type: an answer without a type gets no body object. */
function respond(context: Koa.Context, answer: Answer): void {
  context.body = answer.headers['content-type'] === undefined ? null : answer.body
  context.status = answer.status
  context.set(answer.headers)
}

function secondsSince(started: [number, number]): number {
  const [seconds, nanoseconds] = process.hrtime(started)
  return seconds + nanoseconds / 1e9
}
