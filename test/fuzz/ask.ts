import { Agent, request } from 'node:http'
import type { Request } from './requests.js'

/** What came back; `type` is the media type without its parameters. Status 0 says that there was no answer, `body` then says why. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

/** Asks one server; the path goes on the wire as written, nothing is normalised on the way. Never throws. */
export const ask = (url: string, { path, accept }: Request): Promise<Answer> =>
  new Promise((resolve) => {
    const fail = (error: Error) => resolve({ status: 0, type: '', body: Buffer.from(error.message) })
    const { hostname, port } = new URL(url)
    const sent = request({ hostname, port, path, agent, headers: { accept } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', fail)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, type: mediaType(answer.headers['content-type']), body: Buffer.concat(parts) }),
      )
    })
    sent.setTimeout(30_000, () => sent.destroy(new Error('no answer in 30 s')))
    sent.on('error', fail)
    sent.end()
  })

const mediaType = (text = ''): string => (text.split(';')[0] ?? '').trim().toLowerCase()
