import { expect } from 'chai'
import fc from 'fast-check'
import { z } from 'zod'
import type { Leaf } from '../../../client/src/json.js'
import { toEnv } from '../../../client/src/resolve/to-env.js'
import { type Given, resolved } from './input.js'

const word = fc.constantFrom('a', 'b', 'pool', 'max', 'url', 'x1')
const name = fc.array(word, { minLength: 1, maxLength: 2 })

type Spell = (words: readonly string[]) => string

const spellings: readonly Spell[] = [
  (words) => words.join('-'),
  (words) => words.join('_'),
  (words) => words.join('-').toUpperCase(),
  (words) => words.map((each, index) => (index === 0 ? each : each[0]?.toUpperCase() + each.slice(1))).join(''),
]
const spell = fc.constantFrom(...spellings)

/** Names of properties, as words, that no two spellings confuse. */
const names = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 6,
  selector: (steps) => steps.map((words) => words.join('')).join('.'),
})

/** Those of them that are no beginning of another one: each can have a value, and in variables none can be taken for another. */
const leaves = names
  .map((all) => {
    const wordsOf = (steps: readonly (readonly string[])[]): string => `${steps.flat().join('_')}_`
    return all.filter(
      (steps) =>
        !all.some((other) => other !== steps && (wordsOf(other).startsWith(wordsOf(steps)) || wordsOf(steps).startsWith(wordsOf(other)))),
    )
  })
  .filter((all) => all.length > 0)

const nested = (pairs: readonly (readonly [readonly string[], string])[]): unknown => {
  const root: Record<string, unknown> = {}
  for (const [steps, value] of pairs) {
    let at = root
    for (const step of steps.slice(0, -1)) {
      at[step] ??= {}
      at = at[step] as Record<string, unknown>
    }
    at[steps.at(-1) ?? ''] = value
  }
  return root
}

const key = (steps: readonly (readonly string[])[], how: Spell): string => steps.map(how).join('.')

/** Pieces of keys that a hostile or careless source may have. */
const piece = fc.constantFrom(
  'a',
  'b',
  'A',
  '.',
  '..',
  '[',
  ']',
  '[0]',
  '[1]',
  '[a.b]',
  '[]',
  '-',
  '_',
  '__proto__',
  'constructor',
  'prototype',
  '0',
  '1',
  'toString',
  'é',
)
const anyKey = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ maxLength: 12 }),
)
const text = fc.oneof(
  fc.constantFrom('', '${a}', '${a.b:x}', '${${a}}', '${', '\\${a}', 'true', '1', 'a,b', '${a}${b}'),
  fc.string({ maxLength: 8 }),
)
const anyLeaf: fc.Arbitrary<Leaf> = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
const anyLayer = fc.array(fc.tuple(anyKey, anyLeaf), { maxLength: 10 }).map((pairs) => Object.fromEntries(pairs))
const anything: fc.Arbitrary<Given> = fc.record({
  remote: fc.array(anyLayer, { maxLength: 4 }),
  env: fc.dictionary(
    fc.oneof(fc.constantFrom('A', 'B', 'A_B', 'A_0', 'A_1', 'CONSTRUCTOR', '__PROTO__'), fc.string({ maxLength: 6 })),
    text,
    { maxKeys: 5 },
  ),
  argv: fc.array(
    fc.oneof(
      anyKey.map((each) => `--${each}=1`),
      anyKey.map((each) => `--${each}`),
    ),
    { maxLength: 3 },
  ),
})

/** The names that any object has: nothing may add to them. */
const inherited = (): readonly PropertyKey[] => [Object.prototype, Array.prototype, Map.prototype].flatMap(Reflect.ownKeys)

describe('resolve: whatever the sources say', () => {
  it('ends, with values or a readable error, and pollutes nothing', async () => {
    const before = inherited()
    await fc.assert(
      fc.asyncProperty(anything, async (given) => {
        const result = await resolved(given).catch((error: unknown) => expect(error).to.include({ code: 'placeholder' }))
        expect(inherited()).to.deep.equal(before)
        if (!('flat' in result)) return
        for (const path of result.flat.keys()) {
          expect(result.explain(path)?.value, path).to.not.equal(undefined)
          result.find(path)
          result.nearest(path)
        }
        toEnv(result.flat, { onClash: () => {} })
      }),
      { numRuns: 400 },
    )
  })

  it('gives the same again', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (given) => {
        const outcome = async (): Promise<unknown> =>
          resolved(given).then(
            ({ values, flat, warnings }) => [JSON.stringify(values), [...flat], warnings],
            (error: unknown) => String(error),
          )
        expect(await outcome()).to.deep.equal(await outcome())
      }),
    )
  })
})

describe('resolve: spellings', () => {
  it('takes the strongest of several layers, whatever the spelling of each', async () => {
    const layers = fc.array(fc.record({ how: spell, has: fc.array(fc.nat(5)) }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(names, layers, async (all, some) => {
        const remote = some.map(({ how, has }, layer) =>
          Object.fromEntries(has.flatMap((each) => (all[each] ? [[`k.${key(all[each], how)}.v`, layer]] : []))),
        )
        const { find, flat } = await resolved({ remote })
        for (const [index, steps] of all.entries()) {
          const strongest = some.findIndex(({ has }) => has.includes(index))
          for (const how of spellings) {
            expect(find(`k.${key(steps, how)}.v`)?.value).to.equal(strongest < 0 ? undefined : strongest)
          }
        }
        expect(flat.size).to.equal(all.filter((_, index) => some.some(({ has }) => has.includes(index))).length)
      }),
    )
  })

  it('reads the variables that it writes', async () => {
    await fc.assert(
      fc.asyncProperty(names, spell, async (all, how) => {
        const keys = Object.fromEntries(all.map((steps, index) => [`${key(steps, how)}.v[0]`, `value ${index}`]))
        const { flat } = await resolved({ remote: [keys] })
        const clashes: string[] = []
        const env = toEnv(flat, { onClash: ({ keys: [, second] }) => clashes.push(second) })
        fc.pre(clashes.length === 0)
        const empty = Object.fromEntries(Object.keys(keys).map((each) => [each, 'other']))
        const again = await resolved({ remote: [empty], env })
        expect(new Map(again.flat)).to.deep.equal(new Map(flat))
      }),
    )
  })

  it('gives a strict schema its own spelling, whether a source or a variable has the value', async () => {
    const camel = spellings[3] as Spell
    const schemaOf = (all: readonly (readonly (readonly string[])[])[], depth: number): z.ZodType => {
      const heads = new Map(
        all.map((steps) => [camel(steps[depth] ?? []), all.filter((each) => camel(each[depth] ?? []) === camel(steps[depth] ?? []))]),
      )
      return z.strictObject(
        Object.fromEntries(
          [...heads].map(([head, some]) => [
            head,
            some.some(({ length }) => length === depth + 1) ? z.string() : schemaOf(some, depth + 1),
          ]),
        ),
      )
    }
    const layers = fc.array(spell, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(leaves, layers, fc.array(fc.nat(2)), async (all, how, places) => {
        const given = all.map((steps, index) => ({ steps, place: (places[index] ?? index) % (how.length + 1), value: `value ${index}` }))
        const remote = how.map((spelled, layer) =>
          Object.fromEntries(given.filter(({ place }) => place === layer).map(({ steps, value }) => [key(steps, spelled), value])),
        )
        const env = toEnv(new Map(given.filter(({ place }) => place === how.length).map(({ steps, value }) => [key(steps, camel), value])))
        const { values, find } = await resolved({ remote, env: { ...env, HOME: '/h', A_B_C_D: 'x' }, schema: schemaOf(all, 0) })
        for (const { steps, value } of given) expect(find(key(steps, camel))?.value).to.equal(value)
        expect(values).to.deep.equal(nested(given.map(({ steps, value }) => [steps.map(camel), value])))
      }),
    )
  })
})
