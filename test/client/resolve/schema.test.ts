import { inspect } from 'node:util'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import { expect } from 'chai'
import * as v from 'valibot'
import { z } from 'zod'
import { ConfigError } from '../../../client/src/errors.js'
import { jsonSchema } from '../../../client/src/json-schema.js'
import { canary } from '../../../scripts/canary.mjs'
import { type Given, resolved } from './input.js'

const SECRET = canary('value')

/** The same schema in the words of each library. */
interface Library {
  readonly name: string
  readonly pool: StandardSchemaV1
  readonly strict: StandardSchemaV1
  readonly record: StandardSchemaV1
  readonly union: StandardSchemaV1
  readonly list: StandardSchemaV1
  readonly refined: StandardSchemaV1
  /** Without conversions of its own. */
  readonly plain: StandardSchemaV1
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
    plain: z.object({
      number: z.number(),
      boolean: z.boolean(),
      text: z.string(),
      list: z.array(z.number()),
      none: z.array(z.string()),
      map: z.record(z.string(), z.string()),
      items: z.array(z.object({ number: z.number() })),
      other: z.number(),
    }),
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
    plain: v.object({
      number: v.number(),
      boolean: v.boolean(),
      text: v.string(),
      list: v.array(v.number()),
      none: v.array(v.string()),
      map: v.record(v.string(), v.string()),
      items: v.array(v.object({ number: v.number() })),
      other: v.number(),
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
    plain: type({
      number: 'number',
      boolean: 'boolean',
      text: 'string',
      list: 'number[]',
      none: 'string[]',
      map: 'Record<string, string>',
      items: type({ number: 'number' }).array(),
      other: 'number',
    }),
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
        const error = await resolved({ remote: [{ 'db.pool-max': SECRET }], schema: library.strict }).catch((reason: unknown) => reason)
        expect(error).to.be.instanceOf(ConfigError)
        const { code, message, issues } = error as ConfigError
        expect(code).to.equal('invalid')
        expect(message).to.contain('db.poolMax (r0:1:1): is a text').and.not.contain(SECRET)
        expect(inspect(error)).not.to.contain(SECRET)
        expect(issues).to.have.length.greaterThan(0)
      })

      it('tells what is missing and what is unknown', async () => {
        const missing = await resolved({ schema: library.strict }).catch(String)
        expect(missing).to.match(/\n {2}db(\.poolMax)?: is missing/)
        const unknown = await resolved({ remote: [{ 'db.poolMax': 1, 'db.pool': 2 }], schema: library.strict }).catch(String)
        expect(unknown).to.match(/db\.pool \(r0:2:1\): (the schema does not know this key|is a number)/)
      })

      it('converts the texts that it refuses', async () => {
        const given = {
          remote: [{ number: '5', boolean: 'false', text: '5', list: '1,2', none: '', map: '', 'items[0].number': '1.5' }],
          env: { OTHER: '7' },
        }
        const { values, flat } = await resolved({ ...given, schema: library.plain })
        const items = [{ number: 1.5 }]
        expect({ ...(values as object) }).to.deep.equal({
          number: 5,
          boolean: false,
          text: '5',
          list: [1, 2],
          none: [],
          map: {},
          items,
          other: 7,
        })
        expect(flat.get('number')).to.equal('5')
      })

      it('converts no text that would not read back', async () => {
        const error = await resolved({ remote: [{ number: '0x5', boolean: 'yes', list: 'a' }], schema: library.plain }).catch(String)
        expect(error).to.contain('number (r0:1:1): is a text, expected number').and.to.contain('boolean (r0:2:1): is a text')
      })
    })
  }

  it('takes an empty text for nothing where the schema wants neither list nor map', async () => {
    const { values } = await resolved({ remote: [{ a: '', b: '' }], schema: z.object({ a: z.number().optional(), b: z.string() }) })
    expect(values).to.deep.equal({ b: '' })
  })

  it('leaves numbers in texts alone where the schema takes texts', async () => {
    const { values } = await resolved({ remote: [{ a: '5' }], schema: z.object({ a: z.union([z.string(), z.number()]) }) })
    expect(values).to.deep.equal({ a: '5' })
  })

  it('tells at most ten problems', async () => {
    const schema = z.object(Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`k${index}`, z.string()])))
    const error = await resolved({ schema }).catch(String)
    expect(String(error).split('\n')).to.have.length(13)
    expect(error).to.contain('and 5 more')
  })

  it('tells nothing of what a schema throws', async () => {
    const schema = z.object({ a: z.string() }).transform(() => {
      throw new TypeError(SECRET)
    })
    const error = await resolved({ remote: [{ a: 'x' }], schema }).catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'invalid' })
    expect(inspect(error)).to.contain('TypeError').and.not.contain(SECRET)
  })

  it('binds what is below a prefix, with arguments and variables of the whole key', async () => {
    const schema = z.object({ poolMax: z.number(), url: z.string() })
    const given = { remote: [{ 'app.db.pool-max': 1, url: 'wrong' }], env: { APP_DB_URL: 'u', URL: 'x' }, schema, prefix: 'app.DB' }
    const { values, flat, explain, find } = await resolved(given)
    expect(values).to.deep.equal({ poolMax: 1, url: 'u' })
    expect([...flat.keys()]).to.deep.equal(['app.db.pool-max', 'app.db.url', 'url'])
    expect(explain('app.db.url')?.origin).to.deep.equal({ kind: 'env', source: 'APP_DB_URL' })
    expect(find('pool-max')).to.deep.equal({ value: 1 })
  })

  it('binds nothing where the prefix names nothing', async () => {
    const { values } = await resolved({ remote: [{ a: 1 }], schema: z.object({ b: z.number().default(2) }), prefix: 'x.y' })
    expect(values).to.deep.equal({ b: 2 })
  })

  it('freezes plain objects and lists, and nothing else', async () => {
    const schema = z.object({ at: z.string().transform((text) => new Date(text)), list: z.array(z.object({ a: z.string() })).readonly() })
    const { values } = await resolved({ remote: [{ at: '2020-01-01', 'list[0].a': 'x' }], schema })
    const { at, list } = values as z.output<typeof schema>
    expect([values, list, list[0]].every(Object.isFrozen)).to.equal(true)
    expect(Object.isFrozen(at)).to.equal(false)
  })

  it('takes JSON Schema, with its defaults and conversions', async () => {
    const pool = {
      type: 'object',
      properties: { poolMax: { type: 'integer' }, url: { type: 'string', default: 'u' } },
      additionalProperties: false,
    }
    const schema = jsonSchema({ type: 'object', properties: { db: pool }, required: ['db'] })
    const { values } = await resolved({ env: { DB_POOL_MAX: '5', DB_X: 'y' }, schema })
    expect(values).to.deep.equal({ db: { poolMax: 5, url: 'u' } })
    const unknown = await resolved({ remote: [{ 'db.pool': 5 }], schema }).catch(String)
    expect(unknown).to.contain('db.pool (r0:1:1): the schema does not know this key')
  })

  it('goes on where a schema cannot bear to be looked at', async () => {
    const schema = z.unknown().transform((value) => structuredClone(value))
    const { values } = await resolved({ remote: [{ 'a.b': 1 }], schema })
    expect(values).to.deep.equal({ a: { b: 1 } })
  })

  it('keeps a name that a variable has beside one that begins like it', async () => {
    const schema = z.object({ proxy: z.string(), redis: z.object({ url: z.string() }) })
    const { values } = await resolved({ env: { PROXY: 'p', PROXY_PORT: '1', REDIS: 'r', REDIS_URL: 'u' }, schema })
    expect(values).to.deep.equal({ proxy: 'p', redis: { url: 'u' } })
  })

  it('fills an empty map of a source from variables', async () => {
    const { values } = await resolved({
      remote: [{ db: '' }],
      env: { DB_URL: 'u' },
      schema: z.object({ db: z.object({ url: z.string() }) }),
    })
    expect(values).to.deep.equal({ db: { url: 'u' } })
  })

  it('asks no variable for the names of Object and __proto__', async () => {
    const schema = z.looseObject({ constructor: z.unknown(), toString: z.unknown() })
    const { values } = await resolved({ remote: [{ a: 1 }], env: { CONSTRUCTOR: 'x', __PROTO__: 'y', PROTO: 'z' }, schema })
    expect(Object.keys(values as object)).not.to.include.members(['__proto__', 'proto'])
  })
})
