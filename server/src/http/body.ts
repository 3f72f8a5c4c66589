import type { Readable } from 'node:stream'
import { ServerError } from '../errors.js'

/** The whole body as it came, or `too-large` as soon as it is longer than that (bytes). Throws `invalid-request` where the client goes away. */
export function readBody(request: Readable, maxBytes: number): Promise<Buffer | 'too-large'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      // What is left of it is still read, so that the client gets to see its answer; it is not kept.
      if (length > maxBytes) {
        chunks.length = 0
        resolve('too-large')
      } else {
        chunks.push(chunk)
      }
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', (cause) => reject(brokenOff(cause)))
    request.once('close', () => reject(brokenOff()))
  })
}

function brokenOff(cause?: Error): ServerError {
  return new ServerError('invalid-request', 'The body broke off.', { cause })
}
