import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect } from 'chai'
import type { ConfigError } from '../../client/src/errors.js'
import { type JsonSchema, type JsonSchemaOptions, jsonSchema } from '../../client/src/json-schema.js'
import { resolve } from '../../client/src/resolve/resolve.js'
import type { Layer } from '../../client/src/resolve/resolved.js'
import { canary } from '../../scripts/canary.mjs'

const SECRET = canary('value')

const validate = async (schema: JsonSchema, value: unknown, options: JsonSchemaOptions = {}) =>
  jsonSchema(schema, options)['~standard'].validate(value)

const object = (properties: Record<string, unknown>, more: object = {}): JsonSchema => ({ type: 'object', properties, ...more })

describe('jsonSchema', () => {
  describe('takes', () => {
    const cases: readonly [string, JsonSchema, unknown, unknown][] = [
      ['what fits, as it is', object({ a: { type: 'string' } }), { a: 'x', b: 1 }, { a: 'x', b: 1 }],
      [
        'texts for numbers and booleans',
        object({ n: { type: 'integer' }, b: { type: 'boolean' } }),
        { n: '5', b: 'true' },
        { n: 5, b: true },
      ],
      ['a number for a text', object({ zip: { type: 'string' } }), { zip: 8001 }, { zip: '8001' }],
      ['what is missing and has a default', object({ db: object({ pool: { default: 10 } }, { default: {} }) }), {}, { db: { pool: 10 } }],
      ['items of lists', { type: 'array', items: { type: 'number' } }, ['1', '2.5'], [1, 2.5]],
      ['one value', { type: 'integer' }, '8080', 8080],
      ['references', { $defs: { p: { type: 'integer' } }, ...object({ p: { $ref: '#/$defs/p' } }) }, { p: '1' }, { p: 1 }],
      ['draft 7', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'integer' }, '1', 1],
      ['draft 2019-09', { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'integer' }, '1', 1],
      ['draft 2020-12', { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'integer' }] }, ['1'], [1]],
    ]
    for (const [what, schema, value, expected] of cases) {
      it(what, async () => expect(await validate(schema, value)).to.deep.equal({ value: expected }))
    }
  })

  describe('refuses', () => {
    const cases: readonly [string, JsonSchema, unknown, string, PropertyKey[]][] = [
      ['another type', object({ db: object({ pool: { type: 'integer' } }) }), { db: { pool: SECRET } }, 'must be integer', ['db', 'pool']],
      ['an empty text for a number', object({ n: { type: 'integer' } }), { n: '' }, 'must be integer', ['n']],
      ['what is missing', object({}, { required: ['url'] }), {}, "must have required property 'url'", ['url']],
      ['what is too much', object({}, { additionalProperties: false }), { x: SECRET }, 'must NOT have additional properties', ['x']],
      ['what is too large', object({ n: { maximum: 5 } }), { n: 6 }, 'must be <= 5', ['n']],
      ['an item', object({ l: { items: { type: 'integer' } } }), { l: ['1', SECRET] }, 'must be integer', ['l', 1]],
      ['a key with dots and slashes', object({ 'a.b/c~d': { type: 'null' } }), { 'a.b/c~d': SECRET }, 'must be null', ['a.b/c~d']],
      ['none of several', object({ m: { enum: ['a', 2] } }), { m: SECRET }, 'must be equal to one of the allowed values: "a", 2', ['m']],
      ['the whole', { type: 'object' }, SECRET, 'must be object', []],
    ]
    for (const [what, schema, value, message, path] of cases) {
      it(`${what}, with path and reason, without the value`, async () => {
        const { issues = [] } = await validate(schema, value)
        expect(issues.map((issue) => ({ message: issue.message, path: issue.path }))).to.deep.equal([{ message, path }])
        expect(JSON.stringify(issues)).to.not.contain(SECRET)
      })
    }

    it('with words of the schema that may be told', async () => {
      const schema = object({ a: { type: 'integer' }, b: { maximum: 5 } }, { required: ['c'] })
      const { issues = [] } = await validate(schema, { a: 'x', b: 6 })
      expect(issues.map(({ message, path, ...words }) => words)).to.deep.equal([
        { code: 'required' },
        { code: 'type', expected: 'integer' },
        { code: 'maximum' },
      ])
    })

    it('several things at a time', async () => {
      const { issues } = await validate(object({ a: { type: 'integer' }, b: { type: 'integer' } }), { a: 'x', b: 'y' })
      expect(issues?.map(({ path }) => path)).to.deep.equal([['a'], ['b']])
    })
  })

  it('changes nothing of what it is given, frozen or not', async () => {
    const value = Object.freeze({ n: '5', list: Object.freeze(['1']) })
    const schema = Object.freeze(object({ n: { type: 'integer' }, list: { items: { type: 'integer' } }, more: { default: 1 } }))
    expect(await validate(schema, value)).to.deep.equal({ value: { n: 5, list: [1], more: 1 } })
    expect(value).to.deep.equal({ n: '5', list: ['1'] })
  })

  describe('with load', () => {
    const layer: Layer = {
      kind: 'remote',
      source: 'orders.yml',
      properties: new Map([
        ['db.pool-max', { value: '5', line: 2, column: 9 }],
        ['db.hots', { value: SECRET, line: 3, column: 9 }],
      ]),
    }
    const load = (schema: JsonSchema, env: Record<string, string> = {}) =>
      resolve({ layers: [layer], local: { env, argv: [], place: 'over-remote' }, schema: jsonSchema(schema) })

    it('takes other spellings, and variables that only the schema knows', async () => {
      const db = object(
        { poolMax: { type: 'integer' }, hots: {}, url: { type: 'string' } },
        { required: ['url'], additionalProperties: false },
      )
      const schema = object({ db, cache: object({ ttl: { type: 'integer', default: 3 } }, { default: {} }) })
      const { values } = await load(schema, { DB_URL: 'x', CACHE_TTL: '9', HOME: '/' })
      expect(values).to.deep.equal({ db: { poolMax: 5, hots: SECRET, url: 'x' }, cache: { ttl: 9 } })
    })

    it('says where a value stands that it refuses, and not what it is', async () => {
      const db = object(
        { poolMax: { type: 'integer', maximum: 4 }, url: { type: 'string' }, hosts: { type: 'string' } },
        { required: ['url'], additionalProperties: false },
      )
      const error = await load(object({ db })).catch((thrown: ConfigError) => thrown)
      expect(error).to.have.property('code', 'invalid')
      expect((error as ConfigError).message.split('\n').slice(1, 4)).to.deep.equal([
        '  db.url: is missing (required)',
        '  db.hots (orders.yml:3:9): the schema does not know this key',
        '  db.poolMax (orders.yml:2:9): is a text (maximum)',
      ])
    })
  })

  it('leaves a __proto__ key inert', async () => {
    const value = JSON.parse('{"__proto__":{"polluted":"1"},"a":{"__proto__":{"polluted":"1"}}}')
    const result = await validate(object({ a: { type: 'object', additionalProperties: { type: 'object' } } }), value)
    expect(result.issues).to.equal(undefined)
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined)
    expect((result as { value: { polluted?: unknown } }).value.polluted).to.equal(undefined)
  })

  it('takes an ajv of the application, with its formats', async () => {
    const ajv = new Ajv({ formats: { even: /^\d*[02468]$/ } })
    const schema = object({ n: { type: 'string', format: 'even' } })
    expect(await validate(schema, { n: '4' }, { ajv })).to.deep.equal({ value: { n: '4' } })
    expect((await validate(schema, { n: '5' }, { ajv })).issues).to.have.lengthOf(1)
  })

  for (const [what, schema, says] of [
    ['a word that is misspelt', { typ: 'object' }, 'unknown keyword: "typ"'],
    ['a format that nobody knows', { type: 'string', format: 'uri' }, 'addFormats'],
    ['a type that there is not', { type: 'text' }, 'schema is invalid'],
    ['a draft that there is not', { $schema: 'http://json-schema.org/draft-04/schema#' }, 'draft-04/schema#, expected one of: http'],
  ] as const) {
    it(`says that a schema cannot be used because of ${what}`, async () => {
      const error = await validate(schema, {}).then(
        () => undefined,
        (thrown: ConfigError) => thrown,
      )
      expect(error).to.include({ name: 'ConfigError', code: 'bad-options' })
      expect(error?.message).to.contain(says)
    })
  }

  it('says what to install where there is no ajv', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'carillon-no-ajv-'))
    try {
      const source = join(import.meta.dirname, '../../client/src')
      mkdirSync(join(folder, 'src'))
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
      for (const file of ['json-schema.ts', 'errors.ts']) copyFileSync(join(source, file), join(folder, 'src', file))
      const elsewhere: typeof import('../../client/src/json-schema.js') = await import(join(folder, 'src/json-schema.ts'))
      const error = await Promise.resolve(elsewhere.jsonSchema({})['~standard'].validate({})).catch((thrown: ConfigError) => thrown)
      expect(error).to.include({ name: 'ConfigError', code: 'missing-package' })
      expect((error as ConfigError).message).to.contain('npm install ajv')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
