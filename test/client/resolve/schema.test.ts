import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import { expect } from 'chai'
import * as v from 'valibot'
import { z } from 'zod'
import { ConfigError } from '../../../client/src/errors.js'
import { type Given, resolved } from './input.js'

/** The same schema in the words of each library. */
interface Library {
  readonly name: string
  readonly pool: StandardSchemaV1
  readonly strict: StandardSchemaV1
  readonly record: StandardSchemaV1
  readonly union: StandardSchemaV1
  readonly list: StandardSchemaV1
  readonly refined: StandardSchemaV1
}

const vNumber = v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.number())

const libraries: readonly Library[] = [
  {
    name: 'zod',
    pool: z.object({ db: z.object({ poolMax: z.coerce.number().default(10), url: z.string().optional() }) }),
    strict: z.strictObject({ db: z.strictObject({ poolMax: z.coerce.number() }) }),
    record: z.object({ limits: z.record(z.string(), z.object({ perMinute: z.coerce.number() })) }),
    union: z.object({
      send: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('mail'), fromAddress: z.string() }),
        z.object({ kind: z.literal('none') }),
      ]),
    }),
    list: z.object({ hosts: z.array(z.object({ hostName: z.string(), port: z.coerce.number().optional() })) }),
    refined: z.object({ db: z.object({ poolMax: z.coerce.number() }).refine(async ({ poolMax }) => poolMax < 100) }),
  },
  {
    name: 'valibot',
    pool: v.object({ db: v.object({ poolMax: v.optional(vNumber, 10), url: v.optional(v.string()) }) }),
    strict: v.strictObject({ db: v.strictObject({ poolMax: vNumber }) }),
    record: v.object({ limits: v.record(v.string(), v.object({ perMinute: vNumber })) }),
    union: v.object({
      send: v.variant('kind', [v.object({ kind: v.literal('mail'), fromAddress: v.string() }), v.object({ kind: v.literal('none') })]),
    }),
    list: v.object({ hosts: v.array(v.object({ hostName: v.string(), port: v.optional(vNumber) })) }),
    refined: v.objectAsync({
      db: v.pipeAsync(
        v.object({ poolMax: vNumber }),
        v.checkAsync(async ({ poolMax }) => poolMax < 100),
      ),
    }),
  },
  {
    name: 'arktype',
    pool: type({ db: { poolMax: 'string.numeric.parse | number = 10', 'url?': 'string' } }),
    strict: type({ '+': 'reject', db: { '+': 'reject', poolMax: 'string.numeric.parse | number' } }),
    record: type({ limits: { '[string]': { perMinute: 'string.numeric.parse | number' } } }),
    union: type({ send: type({ kind: "'mail'", fromAddress: 'string' }).or({ kind: "'none'" }) }),
    list: type({ hosts: type({ hostName: 'string', 'port?': 'string.numeric.parse | number' }).array() }),
    refined: type({ db: type({ poolMax: 'string.numeric.parse | number' }).narrow(({ poolMax }) => poolMax < 100) }),
  },
]

type Row = readonly [string, Exclude<keyof Library, 'name'>, Given, unknown]

const rows: readonly Row[] = [
  ['takes another spelling', 'pool', { remote: [{ 'db.pool-max': 5, 'DB.URL': 'u' }] }, { db: { poolMax: 5, url: 'u' } }],
  [
    'takes variables that only the schema knows',
    'pool',
    { remote: [{ x: 1 }], env: { DB_POOL_MAX: '6', DB_URL: 'u' } },
    { db: { poolMax: 6, url: 'u' } },
  ],
  ['takes arguments that only the schema knows', 'pool', { argv: ['--db.pool-max=7'] }, { db: { poolMax: 7 } }],
  ['is strict', 'strict', { remote: [{ 'db.pool-max': 5 }], env: { DB_OTHER: 'x', HOME: '/h' } }, { db: { poolMax: 5 } }],
  ['is strict, with a variable', 'strict', { env: { DB_POOL_MAX: '5', DB_OTHER: 'x', HOME: '/h' } }, { db: { poolMax: 5 } }],
  [
    'reads maps with free keys',
    'record',
    { remote: [{ 'limits.mail-out.per-minute': 5 }], env: { LIMITS_MAIL_OUT_PER_MINUTE: '6', LIMITS_X: 'y' } },
    { limits: { 'mail-out': { perMinute: 6 } } },
  ],
  [
    'follows the branch of a union',
    'union',
    { env: { SEND_KIND: 'mail', SEND_FROM_ADDRESS: 'a@b', SEND_X: 'y' } },
    { send: { kind: 'mail', fromAddress: 'a@b' } },
  ],
  [
    'makes lists of variables',
    'list',
    { env: { HOSTS_0_HOST_NAME: 'a', HOSTS_1_HOSTNAME: 'b', HOSTS_1_PORT: '1', HOSTS_3_HOST_NAME: 'd' } },
    { hosts: [{ hostName: 'a' }, { hostName: 'b', port: 1 }] },
  ],
  [
    'reads lists of maps',
    'list',
    { remote: [{ 'hosts[0].host-name': 'a', 'hosts[1].host_name': 'b' }] },
    { hosts: [{ hostName: 'a' }, { hostName: 'b' }] },
  ],
  ['waits for asynchronous checks', 'refined', { remote: [{ 'db.pool-max': 5 }] }, { db: { poolMax: 5 } }],
]

describe('resolve: schemas', () => {
  for (const library of libraries) {
    describe(library.name, () => {
      for (const [name, which, given, values] of rows) {
        it(name, async () => {
          const result = await resolved({ ...given, schema: library[which] })
          expect(JSON.parse(JSON.stringify(result.values))).to.deep.include(values as object)
          expect(result.warnings).to.deep.equal([])
        })
      }

      it('refuses with keys, places and kinds, and without values', async () => {
        const given = { remote: [{ 'db.pool-max': 'hunter2' }], schema: library.strict }
        const error = await resolved(given).catch((reason: unknown) => reason)
        expect(error).to.be.instanceOf(ConfigError)
        const { code, message, issues } = error as ConfigError
        expect(code).to.equal('invalid')
        expect(message).to.contain('db.poolMax (r0:1:1): is a text').and.not.contain('hunter2')
        expect(issues).to.have.length.greaterThan(0)
      })

      it('tells what is missing and what is unknown', async () => {
        const missing = await resolved({ schema: library.strict }).catch(String)
        expect(missing).to.match(/\n {2}db(\.poolMax)?: is missing/)
        const unknown = await resolved({ remote: [{ 'db.poolMax': 1, 'db.pool': 2 }], schema: library.strict }).catch(String)
        expect(unknown).to.contain('db.pool (r0:2:1): is')
      })
    })
  }
})
