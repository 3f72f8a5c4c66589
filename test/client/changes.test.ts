import { expect } from 'chai'
import fc from 'fast-check'
import { changesBetween, reuse } from '../../client/src/changes.js'
import { deepFreeze } from '../../client/src/resolve/freeze.js'

describe('changesBetween', () => {
  it('tells what is new, what has another value and what is gone', () => {
    const before = new Map<string, string | number | never[]>([
      ['same', 1],
      ['set', 1],
      ['gone', 'x'],
      ['empty', []],
    ])
    const after = new Map<string, string | number | never[]>([
      ['new', 2],
      ['set', '1'],
      ['same', 1],
      ['empty', []],
    ])
    expect([...changesBetween(before, after)]).to.deep.equal([
      ['new', { op: 'add', now: 2 }],
      ['set', { op: 'set', was: 1, now: '1' }],
      ['gone', { op: 'del', was: 'x' }],
    ])
  })
})

class Hidden {
  readonly #value: number

  constructor(value: number) {
    this.#value = value
  }

  get value(): number {
    return this.#value
  }
}

class Shown {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

describe('reuse', () => {
  it('keeps the parts that are equal, and only those', () => {
    const previous = deepFreeze({ db: { url: 'u', pool: { max: 1 } }, hosts: [{ name: 'a' }, { name: 'b' }], at: new Date(1) })
    const next = deepFreeze({ db: { url: 'v', pool: { max: 1 } }, hosts: [{ name: 'a' }, { name: 'c' }], at: new Date(1) })
    const made = reuse(previous, next) as typeof previous
    expect(made).to.deep.equal(next)
    expect(made.db).not.to.equal(previous.db)
    expect(made.db.pool).to.equal(previous.db.pool)
    expect(made.hosts[0]).to.equal(previous.hosts[0])
    expect(made.hosts[1]).not.to.equal(previous.hosts[1])
    expect(made.at).to.equal(previous.at)
    expect([made, made.db, made.hosts, made.hosts[1]].every(Object.isFrozen)).to.equal(true)
  })

  const pairs: readonly (readonly [string, unknown, unknown, boolean])[] = [
    ['equal dates', new Date(1), new Date(1), true],
    ['dates', new Date(1), new Date(2), false],
    ['equal URLs', new URL('http://a'), new URL('http://a'), true],
    ['URLs', new URL('http://a'), new URL('http://b'), false],
    ['search parameters, which hide what they have', new URLSearchParams('a=1'), new URLSearchParams('a=2'), false],
    ['equal maps', new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]]), true],
    ['maps', new Map([['a', { b: 1 }]]), new Map([['a', { b: 2 }]]), false],
    ['sets of what hides what it has', new Set([new Hidden(1)]), new Set([new Hidden(2)]), false],
    ['instances that hide all', new Hidden(1), new Hidden(1), false],
    ['equal instances', new Shown(1), new Shown(1), true],
    ['instances', new Shown(1), new Shown(2), false],
    ['classes', new Shown(1), { value: 1 }, false],
    ['functions', () => 1, () => 1, false],
    ['an object and a list', {}, [], false],
    ['a missing name', { a: undefined }, {}, false],
    ['more names', {}, { a: undefined }, false],
    ['other names', { a: undefined }, { b: undefined }, false],
    ['names of Object', {}, { toString: Object.prototype.toString }, false],
    ['null and nothing', null, undefined, false],
    ['NaN', Number.NaN, Number.NaN, true],
  ]
  for (const [name, previous, next, isSame] of pairs) {
    it(`${isSame ? 'reuses' : 'tells apart'} ${name}`, () => {
      const was = { part: previous }
      const { part } = reuse(was, { part: next }) as typeof was
      expect(Object.is(part, isSame ? previous : next)).to.equal(true)
      expect(reuse(was, { part: next }) === was).to.equal(isSame)
    })
  }

  it('ends where a value holds itself', () => {
    const ring = (): object => {
      const made: Record<string, unknown> = { a: 1 }
      made.self = made
      return made
    }
    const next = ring()
    expect(reuse(ring(), next)).to.equal(next)
  })

  it('always means the new value, and reuses all of an equal one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (previous, next) => {
        expect(reuse(previous, next)).to.deep.equal(next)
        expect(reuse(previous, structuredClone(previous))).to.equal(previous)
      }),
    )
  })
})
