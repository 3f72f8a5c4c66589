import type { Random } from '../random.js'
import type { Entry, Tree } from './tree.js'
import type { Words } from './words.js'

/** The formats, by the ending of the file's name. */
export type Extension = 'yml' | 'yaml' | 'properties' | 'xml'

/** Where a document stands: rules differ between plain and profile-specific files. */
export interface Place {
  readonly extension: Extension
  readonly app: string
  readonly profile: string | undefined
  /** File names in the same folder tree that an import may name. */
  readonly targets: readonly string[]
}

/** The entries with which a document steers its lookup: activation, includes and groups, imports. Mostly none. */
export const createHeader = (random: Random, words: Words, place: Place): Entry[] => {
  const { flavours } = words
  const header: Entry[] = []
  if (flavours.has('activation') && random.chance(0.6)) header.push(activation(random, words))
  if (flavours.has('activation') && random.chance(0.08))
    header.push(entry('spring.config.activate.on-cloud-platform', random.pick(['none', 'kubernetes', 'cloud_foundry'])))
  const conditional = header.length > 0 || place.profile !== undefined
  if (flavours.has('groups') && random.chance(0.5)) header.push(...group(random, words))
  if (flavours.has('groups') && random.chance(conditional ? 0.004 : 0.4)) header.push(include(random, words))
  if (flavours.has('imports') && random.chance(0.5)) header.push(imports(random, words, place))
  return header
}

const text = (value: string): Tree => ({ kind: 'text', text: value })
const entry = (key: string, value: string): Entry => ({ key, value: text(value) })
const listOf = (values: readonly string[]): Tree => ({ kind: 'list', items: values.map(text) })

const activation = (random: Random, { profiles, listForm }: Words): Entry => {
  const names = [...profiles, 'default']
  const [a, b, c] = [random.pick(names), random.pick(names), random.pick(names)]
  const key = 'spring.config.activate.on-profile'
  if (listForm === 'list')
    return { key, value: listOf(random.pick([[a], [`!${a}`], [a, b], [`!${a}`, `${b} & ${c}`], [`${a} | ${b}`], [`(${a}|${b})&!${c}`]])) }
  const forms = [
    a,
    a,
    `!${a}`,
    `${a},${b}`,
    `${a} & ${b}`,
    `${a} | ${b}`,
    `(${a} & ${b}) | ${c}`,
    `!(${a} | ${b})`,
    `(${a}|${b})&!${c}`,
    `!${a} & !${b}`,
    '',
    ` ${a} `,
    `${a}, ${b}`,
  ]
  return entry(
    key,
    random.chance(0.01) ? random.pick([`${a} & ${b} | ${c}`, `(${a}`, `${a} ${b}`, '!', `${a})`, '()', `${a} &`]) : random.pick(forms),
  )
}

const group = (random: Random, { profiles, listForm }: Words): Entry[] =>
  random.some(profiles, 1 + random.below(2)).map((profile) => {
    const members = [random.pick([...profiles, 'g1']), random.pick([...profiles, 'g2'])]
    const key = `spring.profiles.group.${profile}`
    return listForm === 'list' ? { key, value: listOf(members) } : entry(key, members.join(random.pick([',', ', '])))
  })

const include = (random: Random, { profiles, listForm }: Words): Entry => {
  const key = random.chance(0.85) ? 'spring.profiles.include' : 'spring.profiles.active'
  const names = [random.pick([...profiles, 'inc1']), random.pick([...profiles, 'inc2'])]
  return listForm === 'text' ? entry(key, names.join(random.pick([',', ', ']))) : { key, value: listOf(names) }
}

const imports = (random: Random, { apps, listForm }: Words, { targets, app }: Place): Entry => {
  const known = targets.length > 0 ? targets : ['nothing.yml']
  const one = (): string =>
    random.pick([
      random.pick(known),
      random.pick(known),
      `optional:${random.pick(known)}`,
      'missing.yml',
      'optional:missing.properties',
      'parts/',
      'parts/base.yml',
      'parts/extra.properties',
      './parts/base.yml',
      'parts/../parts/base.yml',
      `${random.pick(apps)}.yml`,
      'parts/bare[.yml]',
      'file:parts/base.yml',
      '${part:parts}/base.yml',
      `${app}/nested/`,
      'nowhere/',
    ])
  const key = 'spring.config.import'
  if (listForm === 'list') return { key, value: listOf(Array.from({ length: 1 + random.below(3) }, one)) }
  return entry(key, random.chance(0.6) ? one() : `${one()},${one()}`)
}
