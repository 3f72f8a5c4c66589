import { isUtf8 } from 'node:buffer'
import { ConfigError } from '../errors.js'
import type { Received } from './exchange.js'
import { messageOf } from './trouble.js'

/** The body of an answer as text. Throws 'bad-response' for more than so many bytes, a body that breaks off, and one that is not UTF-8. */
export async function readText(answer: Received, maxBytes: number): Promise<string> {
  const bytes = await readBytes(answer, maxBytes)
  if (!isUtf8(bytes)) throw new ConfigError('bad-response', `its body of ${bytes.length} bytes is not UTF-8`)
  const text = bytes.toString('utf8')
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

async function readBytes({ body, header }: Received, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      size += chunk.length
      if (size > maxBytes) throw new ConfigError('bad-response', `its body is larger than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw brokenOff({ size, expected: header('content-length'), error })
  }
  return Buffer.concat(chunks, size)
}

function brokenOff({ size, expected, error }: { size: number; expected: string | undefined; error: unknown }): ConfigError {
  const of = expected === undefined ? '' : ` of ${expected}`
  return new ConfigError('bad-response', `its body broke off after ${size}${of} bytes (${messageOf(error)})`, { cause: error })
}
