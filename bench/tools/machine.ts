import { createHash } from 'node:crypto'

const BYTES = Buffer.alloc(64 * 1024, 'carillon')
const ROUNDS = 100

/** How long the machine takes for the same work each time (ms): machines that others share may be half as fast for minutes. */
export function timeOfFixedWork(): number {
  const started = performance.now()
  for (let round = 0; round < ROUNDS; round++) createHash('sha256').update(BYTES).digest()
  return performance.now() - started
}
