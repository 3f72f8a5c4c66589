import { createHash, timingSafeEqual } from 'node:crypto'
import type { UserSettings } from '../settings/settings.js'

/** Says who may ask. */
export interface Access {
  /** Whether a request with this `Authorization` header may be answered. Always, where no user is configured. */
  readonly allows: (authorization: string | undefined) => boolean
}

/** Basic authentication. Digests of equal length are compared, all of them, so that time tells nothing. */
export function createAccess(users: readonly UserSettings[]): Access {
  if (users.length === 0) return { allows: () => true }
  const known = users.map(({ name, password }) => digest(`${name}:${password}`))
  return {
    allows: (authorization) => {
      const credentials = /^basic +([a-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1]
      if (credentials === undefined) return false
      const given = digest(Buffer.from(credentials, 'base64').toString('utf8'))
      return known.map((expected) => timingSafeEqual(expected, given)).includes(true)
    },
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
