import { promisify } from 'node:util'
import { constants, inflate as inflateApart, inflateSync } from 'node:zlib'

/** Up to this size (bytes) it takes less time than handing it to another thread. */
const QUICK = 64 * 1024

const apart = promisify(inflateApart)

/** Unpacks what begins the bytes and has this size; whatever follows is left alone. `undefined` where the bytes end before it does; throws where it is damaged. */
export async function inflate(bytes: Buffer, size: number): Promise<Buffer | undefined> {
  // One byte more than there should be, in one piece.
  const options = { chunkSize: Math.max(size + 1, 64), maxOutputLength: size + 1 }
  try {
    const found = size <= QUICK ? inflateSync(bytes, options) : await apart(bytes, options)
    if (found.length !== size) throw new Error(`an object has ${found.length} bytes, and should have ${size}`)
    return found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') return undefined
    throw error
  }
}

/** As many bytes of the beginning as can be unpacked from these. */
export function inflateBeginning(bytes: Buffer): Buffer {
  return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
}
