import { expect } from 'chai'
import fc from 'fast-check'
import { busId, isForSelf, isFromSelf, matches, normalizeDestination } from '../../bus/src/destination.js'

describe('busId', () => {
  const table: readonly (readonly [Parameters<typeof busId>[0], string])[] = [
    [{ application: 'shop', index: 8081, instance: 'x' }, 'shop:8081:x'],
    [{ application: 'shop', profiles: ['dev', 'eu'], index: '8081', instance: 'x' }, 'shop:dev,eu:8081:x'],
    [{ profiles: [], instance: 'x' }, 'application:8080:x'],
  ]
  for (const [parts, id] of table) it(`makes ${id}`, () => expect(busId(parts)).to.equal(id))

  it('tells instances apart by 32 hex digits', () => {
    expect(busId({ application: 'shop' })).to.match(/^shop:8080:[0-9a-f]{32}$/)
    expect(busId()).to.not.equal(busId())
  })
})

describe('normalizeDestination', () => {
  const table: readonly (readonly [string | undefined, string])[] = [
    [undefined, '**'],
    ['', '**'],
    ['**', '**'],
    ['*', '*:**'],
    ['shop', 'shop:**'],
    ['shop:dev', 'shop:dev:**'],
    ['tipapp:18902', 'tipapp:18902:**'],
    ['shop:8081:x', 'shop:8081:x'],
    ['shop:**', 'shop:**'],
    ['shop:dev:**', 'shop:dev:**'],
    [':**', ':**'],
  ]
  for (const [text, pattern] of table) it(`makes ${pattern} of ${text}`, () => expect(normalizeDestination(text)).to.equal(pattern))
})

const ID = 'shop:dev,eu:8081:x'

describe('matches', () => {
  const yes = [
    ['**', '*:**', 'shop:**', 'sh*:**', 'sho?:**', '{x}:**', 'shop:dev:**', 'shop:eu:**', 'shop:d*:**', 'shop:dev:8081:**'],
    [
      'shop:dev,eu:8081:x',
      'shop:*:8081:**',
      '**:8081:*',
      '**:dev:**',
      'shop::dev,eu:8081:**',
      's{a}p:**',
      '{a}{b}:**',
      'shop:**:x',
      '**:**:**:x',
    ],
  ].flat()
  const no = [
    ['shop', 'shop:*', 'shop:8081:**', 'shop:eu,dev:**', 'shop:dev,**', 'shopping:**', 'SHOP:**', ':shop:**', ' shop:**', '*', ''],
    [
      'shop:dev,eu:8081:x:',
      'shop:dev,eu:8081',
      'shop:**:y',
      '{}:**',
      '{a:**',
      'sho.:**',
      'shop?:**',
      '[s]hop:**',
      '.*:**',
      'shop:**:dev:x',
    ],
  ].flat()
  for (const pattern of yes) it(`${JSON.stringify(pattern)} matches ${ID}`, () => expect(matches(pattern, ID)).to.equal(true))
  for (const pattern of no) it(`${JSON.stringify(pattern)} does not match ${ID}`, () => expect(matches(pattern, ID)).to.equal(false))

  const others: readonly (readonly [string, string, boolean])[] = [
    [':shop:**', ':shop:1', true],
    ['**', ':shop:1', false],
    ['shop:1:', 'shop:1:', true],
    ['shop:**', 'shop:1:', true],
    ['shop:**', 'shop', true],
    ['?:**', '🔔:1', true],
    ['a*b?c:**', 'aXbYbZc:1', true],
    ['shop:8081:**', 'shop:8081:x', true],
  ]
  for (const [pattern, id, expected] of others)
    it(`${pattern} ${expected ? 'matches' : 'does not match'} ${id}`, () => expect(matches(pattern, id)).to.equal(expected))

  it('agrees with a plain search on random patterns', () => {
    const piece = fc.constantFrom('a', 'b', 'a', ',', '*', '**', '?', '{v}', ':', ':', ':**:', '{')
    const pattern = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''))
    const id = fc.array(fc.constantFrom('a', 'b', ':', ','), { maxLength: 9 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(pattern, id, (text, path) => matches(text, path) === plainly(text, path)),
      { numRuns: 5_000 },
    )
    fc.assert(fc.property(id, (path) => matches(path, path)))
  })

  it('comes to an end on patterns made to hurt', () => {
    expect(matches(`${'**:'.repeat(50_000)}y`, ID)).to.equal(false)
    expect(matches(`${'**:x:'.repeat(20_000)}**`, Array(40).fill('x').join(':'))).to.equal(false)
    expect(matches(`${'*a'.repeat(50_000)}b:**`, `${'a'.repeat(200)}:1:x`)).to.equal(false)
    expect(matches(`${'{v'.repeat(50_000)}:**`, ID)).to.equal(false)
    expect(matches(`${'{'.repeat(100_000)}${'}'.repeat(100_000)}:**`, ID)).to.equal(false)
  })
})

/** The rules of spring-compat 7.5 once more, by trying everything. */
function plainly(pattern: string, id: string): boolean {
  const segments = (text: string) => text.split(':').filter(Boolean)
  const one = (path: string): boolean => {
    if (pattern.startsWith(':') !== path.startsWith(':')) return false
    const wanted = segments(pattern)
    const open = wanted[wanted.length - 1] === '**'
    if (!open && pattern.endsWith(':') !== path.endsWith(':')) return false
    return someWay(wanted, segments(path), (segment) => segment === '**', plainSegment)
  }
  const [application, profiles = '', ...rest] = segments(id)
  const names = profiles.split(',').filter(Boolean)
  return one(id) || (names.length > 1 && names.some((name) => one([application, name, ...rest].join(':'))))
}

function plainSegment(pattern: string, text: string): boolean {
  const pieces = pattern.replaceAll('{v}', '*').split('')
  return someWay(
    pieces,
    text.split(''),
    (piece) => piece === '*',
    (piece, character) => piece === '?' || piece === character,
  )
}

// biome-ignore lint/complexity/useMaxParams: four plain things are clearer than an object here
function someWay(wanted: string[], got: string[], isStar: (w: string) => boolean, fits: (w: string, g: string) => boolean): boolean {
  const [first, ...rest] = wanted
  if (first === undefined) return got.length === 0
  if (isStar(first)) return [...got, ''].some((_, taken) => someWay(rest, got.slice(taken), isStar, fits))
  const [head, ...tail] = got
  return head !== undefined && fits(first, head) && someWay(rest, tail, isStar, fits)
}

describe('isForSelf', () => {
  const self = { id: ID, configNames: ['catalogue', 'common'] }
  const table: readonly (readonly [string | null | undefined, boolean])[] = [
    [undefined, false],
    [null, true],
    ['', true],
    ['  ', true],
    ['**', true],
    ['catalogue:**', true],
    ['common:eu:8081:**', true],
    ['catalogue:dev,eu:8081:x', true],
    ['other:**', false],
    ['catalogue', false],
  ]
  for (const [destinationService, expected] of table)
    it(`is ${expected} for ${JSON.stringify(destinationService)}`, () => expect(isForSelf({ destinationService }, self)).to.equal(expected))

  it('knows a config name for an id of one part', () => {
    expect(isForSelf({ destinationService: 'catalogue' }, { id: 'shop', configNames: ['catalogue'] })).to.equal(true)
  })
})

describe('isFromSelf', () => {
  const table: Readonly<Record<string, boolean>> = {
    [ID]: true,
    'shop:dev,eu:8081:y': false,
    '**': true,
    'shop:dev:8081:x': true,
    '': false,
  }
  for (const [originService, expected] of Object.entries(table))
    it(`is ${expected} for the origin ${JSON.stringify(originService)}`, () =>
      expect(isFromSelf({ originService }, { id: ID })).to.equal(expected))
})
