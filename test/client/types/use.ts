// Compiled by test/client/types.test.ts, never run: the line after each comment `wrong` must not compile, and everything else must.
import { type Config, load } from '@carillon/client'
import { jsonSchema } from '@carillon/client/json-schema'
import { fakeConfig } from '@carillon/client/testing'
import { z } from 'zod'

const schema = z.object({
  server: z.object({ port: z.number() }),
  db: z.object({ url: z.string(), pool: z.number().default(10), hosts: z.array(z.string()), since: z.date() }),
  mail: z.object({ from: z.string() }).optional(),
  limits: z.record(z.string(), z.number()),
})

export const config = await load({ name: 'orders', schema })

export const port: number = config.get('server.port')
export const section: { url: string } = config.get('db')
export const hosts: readonly string[] = config.get('db.hosts')
export const since: Date = config.get('db.since')
export const from: string | undefined = config.get('mail.from')
export const fromOr: string = config.get('mail.from', 'nobody@localhost')
export const limit: number = config.get('limits.uploads')
export const pool: number = config.values.db.pool
config.watch('db.pool', (now: number, was: number) => [now, was])
void config.live(
  ['db', 'server.port'],
  ({ db }) => db.url.length,
  (old: number) => void old,
)
config.on('change', ({ current }) => current.db.url)
config.on('rejected', ({ issues }) => issues.length)

// wrong
config.get('server.prot')
// wrong
config.get('server.port.number')
// wrong
config.get('db.since.getTime')
// wrong
export const text: string = config.get('server.port')
// wrong
export const wrongDefault: number = config.get('server.port', 'eighty')
// wrong
config.values.limits = {}
// wrong
config.watch('db.pol', () => {})
// wrong
config.watch('db.pool', (now: string) => now)
// wrong
void config.live('db.pol', () => 1)
// wrong
config.on('changed', () => {})
// wrong
await load({ name: 'orders', profile: 'prod' })
// wrong
await load({ name: 'orders', schema: { server: {} } })

const untyped = await load({ name: 'orders' })
export const anything: string = untyped.get('whatever.it.is')
export const other: number = untyped.values.db.pool

interface Shop {
  readonly db: { readonly pool: number; readonly since: Date; readonly hosts: readonly string[] }
}
const shop = await load({ schema: jsonSchema<Shop>({}) })
export const shopPool: number = shop.get('db.pool')
const fake = fakeConfig<Shop>({ db: { pool: 1, since: new Date(), hosts: [] } })
export const like: Config<Shop> = fake
void fake.push({ db: { pool: 2, hosts: ['a'] } })
void fake.push({ db: undefined })
// wrong
shop.get('db.pol')
// wrong
fake.get('db.pol')
// wrong
void fake.push({ db: { pool: 'many' } })
// wrong
void fake.push({ db: { pol: 1 } })
// wrong
void fake.push({ db: { since: {} } })
