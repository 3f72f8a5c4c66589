import type { Download } from './remote.js'

/** What a clone has on disk, and what it may have (bytes; 0 for no limit). */
export interface Room {
  readonly has: number
  readonly most: number
}

const CODE = 'CARILLON_MAX_DISK'

/** Throws once what has come is too much beside what is there. */
export function limit({ has, most }: Room): Download['onBytes'] {
  return (bytes) => {
    if (most === 0 || has + bytes <= most) return
    const beside = has === 0 ? '' : ` beside the ${has} bytes of its clone`
    const message = `it was stopped after ${bytes} bytes had come${beside}: carillon.git.max-disk allows ${most} bytes`
    throw Object.assign(new Error(message), { code: CODE })
  }
}

/** Whether a download was stopped because the clone would have become larger than it may be. */
export function isOverLimit(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === CODE
}
