import { expect } from 'chai'
import fc from 'fast-check'
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
})
