import { expect } from 'chai'
import { z } from 'zod'
import type { Leaf } from '../../../client/src/json.js'
import { parseFile } from '../../../server/src/resolution/parse/index.js'
import { resolved } from './input.js'

/** Flat keys as the wire has them, of a file as Spring reads it. */
function wireOf(path: string, text: string): Readonly<Record<string, Leaf>> {
  const [document] = parseFile(path, Buffer.from(text))
  const leaves = [...(document?.properties ?? [])].map(
    ([key, { value }]) => [key, typeof value === 'bigint' ? Number(value) : value] as const,
  )
  return Object.fromEntries(leaves) as Record<string, Leaf>
}

/** What a writer of YAML means, through Spring's flat keys (spring-compat 2.6) and back. */
describe('resolve: what files say', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['a: {b: [1, 2.5, x, true]}', { a: { b: [1, 2.5, 'x', true] } }],
    ['a: [{x: 1, y: 2}, {x: 3}]', { a: [{ x: 1, y: 2 }, { x: 3 }] }],
    ['a: [[1, 2], [3]]', { a: [[1, 2], [3]] }],
    ['a: []\nb: ~\nc:', { a: '', b: '', c: '' }],
    ['a: {}\nb: 1', { b: 1 }],
    ['a: [x, {}]\nb: 1', { a: ['x'], b: 1 }],
    ['a: [{}, x]', { a: { 1: 'x' } }],
    ['a: {8080: web, 9090: admin}', { a: { 8080: 'web', 9090: 'admin' } }],
    ['a: {404: missing, other: x}', { a: { 404: 'missing', other: 'x' } }],
    ['a: {yes: x, no: y}', { a: { true: 'x', false: 'y' } }],
    ['a: {"[/api/**]": x, "[b.c]": y}', { a: { '/api/**': 'x', 'b.c': 'y' } }],
    ['a.b: 1\na:\n  c: 2', { a: { b: 1, c: 2 } }],
    ['a: 010\nb: 1_000\nc: 1:30\nd: 2020-01-01\ne: 08', { a: 8, b: 1000, c: 90, d: '2020-01-01', e: '08' }],
    ['- x\n- y', { document: ['x', 'y'] }],
    ['a: &x {b: 1}\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    ['a: |\n  two\n  lines\n', { a: 'two\nlines\n' }],
  ]
  for (const [yaml, values] of cases) {
    it(JSON.stringify(yaml), async () => expect((await resolved({ remote: [wireOf('x.yml', yaml)] })).values).to.deep.equal(values))
  }

  it('gives a schema what it wants of Java properties, which are texts', async () => {
    const properties = 'pool.max=5\npool.lazy=false\nhosts=a, b\nports[0]=80\nports[1]=81\nempty=\nname=007\n'
    const schema = z.object({
      pool: z.object({ max: z.number(), lazy: z.boolean() }),
      hosts: z.array(z.string()),
      ports: z.array(z.number().int()),
      empty: z.array(z.string()),
      name: z.string(),
    })
    const { values } = await resolved({ remote: [wireOf('x.properties', properties)], schema })
    expect(values).to.deep.equal({ pool: { max: 5, lazy: false }, hosts: ['a', 'b'], ports: [80, 81], empty: [], name: '007' })
  })

  it('puts one file over another as Spring does', async () => {
    const strong = 'db: {url: u2, opts: {a: 2}}\nhosts: [x]\nempty: []\nflags: {}\nrun: ${db.url}/${hosts[0]}'
    const weak = 'db: {url: u1, pool-max: 5, opts: {a: 1, b: 1}}\nhosts: [a, b, c]\nempty: [1, 2]\nflags: {f: true}'
    const { values } = await resolved({ remote: [wireOf('orders-prod.yml', strong), wireOf('orders.yml', weak)] })
    expect(values).to.deep.equal({
      db: { url: 'u2', 'pool-max': 5, opts: { a: 2, b: 1 } },
      hosts: ['x'],
      empty: [],
      flags: { f: true },
      run: 'u2/x',
    })
  })
})
