import type { Random } from '../fuzz/random.js'

/** How a repository is laid out: one file set or one folder an application, or everything at once. */
export type Layout = 'files' | 'folders' | 'mixed'

/** A configuration file before it is written down. Documents are flat; plain-text files have none. */
export interface Draft {
  readonly documents: readonly (readonly Entry[])[]
  readonly text?: string
  /** How it is written: comments, quotes, blank lines. */
  readonly style: number
}

type Entry = readonly [key: string, value: string]
export type Drafts = ReadonlyMap<string, Draft>

export interface Generated {
  readonly layout: Layout
  readonly searchPaths: readonly string[]
  readonly drafts: Drafts
}

export const APPLICATIONS = ['shop', 'cart', 'shop-api', 'org/pay'] as const
export const PROFILES = ['dev', 'prod', 'eu', 'common', 'live'] as const
export const PLAIN_TEXT = ['nginx.conf', 'etc/notes'] as const

const SEARCH_PATHS: Readonly<Record<Layout, readonly (readonly string[])[]>> = {
  files: [[]],
  folders: [['{application}']],
  mixed: [
    [],
    ['{application}'],
    ['{application}/{profile}'],
    ['{profile}'],
    ['teams/*', '{application}'],
    ['**'],
    ['conf-{application}', '{label}'],
    ['**/{application}', 'teams/*/{profile}'],
  ],
}

/** A repository of some files, shared ones among them, and what they import. */
export function generateRepository(random: Random, layout: Layout): Generated {
  const drafts = new Map<string, Draft>()
  for (let count = 8 + random.below(8); count > 0; count--) {
    const path = configPath(random, layout)
    drafts.set(path, configDraft(random, { path, layout }))
  }
  if (random.chance(0.6)) drafts.set('application.yml', configDraft(random, { path: 'application.yml', layout }))
  for (const path of PLAIN_TEXT) if (random.chance(0.6)) drafts.set(path, textDraft(random))
  return { layout, searchPaths: random.pick(SEARCH_PATHS[layout]), drafts }
}

export const CHANGES = ['value', 'comment', 'format', 'redraft', 'add', 'delete', 'rename', 'move', 'variant'] as const
export type Change = (typeof CHANGES)[number]

/** The repository after one more commit. */
export function changed(random: Random, { drafts, layout }: Generated, change: Change): Drafts {
  const path = random.pick([...drafts.keys()])
  const draft = drafts.get(path) ?? textDraft(random)
  const others = [...drafts].filter(([other]) => other !== path)
  const isText = draft.text !== undefined
  switch (change) {
    case 'value':
      return new Map([...others, [path, isText ? textDraft(random) : withOtherValue(random, draft)]])
    case 'comment':
    case 'format':
      return new Map([...others, [path, { ...draft, style: draft.style + 1 + random.below(5) }]])
    case 'redraft':
      return new Map([...others, [path, isText ? textDraft(random) : configDraft(random, { path, layout })]])
    case 'add': {
      const added = configPath(random, layout)
      return new Map([...drafts, [added, configDraft(random, { path: added, layout })]])
    }
    case 'delete':
      return new Map(others)
    case 'rename':
      return new Map([...others, [isText ? path : configPath(random, layout), draft]])
    case 'move':
      return new Map([...others, [`${random.pick([...APPLICATIONS, ...PROFILES, 'teams/one'])}/${path}`, draft]])
    case 'variant': {
      const variant = withProfile(random.pick([path, ...PLAIN_TEXT]), random.pick(PROFILES))
      return new Map([
        ...drafts,
        [variant, /\.(yml|yaml|properties)$/.test(variant) ? configDraft(random, { path: variant, layout }) : textDraft(random)],
      ])
    }
    default:
      throw new Error(`unknown change ${change satisfies never}`)
  }
}

/** The bytes of each file. */
export function written(drafts: Drafts): ReadonlyMap<string, string> {
  return new Map([...drafts].map(([path, draft]) => [path, draft.text ?? (path.endsWith('.properties') ? properties(draft) : yaml(draft))]))
}

function configPath(random: Random, layout: Layout): string {
  const application = random.pick(APPLICATIONS)
  const profile = random.chance(0.4) ? `-${random.pick([...PROFILES, 'default'])}` : ''
  const extension = random.pick(['yml', 'yml', 'yaml', 'properties'])
  const shared = random.chance(0.06)
  if (layout === 'files') return `${shared ? 'application' : application}${profile}.${extension}`
  if (layout === 'folders')
    return shared
      ? `application${profile}.${extension}`
      : `${application}/${random.pick(['application', application])}${profile}.${extension}`
  if (random.chance(0.12)) return `${random.pick(['', 'parts/'])}base${profile}.yml`
  const folder = random.pick([
    '',
    '',
    '',
    'parts/',
    'teams/one/',
    'teams/two/dev/',
    `${application}/`,
    `${application}/dev/`,
    `conf-${application}/`,
    'main/',
    'prod/',
  ])
  return `${folder}${random.chance(0.35) ? 'application' : random.pick(['base', ...APPLICATIONS, application])}${profile}.${extension}`
}

interface Place {
  readonly path: string
  readonly layout: Layout
}

function configDraft(random: Random, place: Place): Draft {
  const isVariant = PROFILES.some((profile) => place.path.includes(`-${profile}.`))
  const count = random.chance(0.3) ? 2 + random.below(2) : 1
  const documents = Array.from({ length: count }, () => [...directives(random, place, isVariant), ...values(random)])
  return { documents, style: random.below(6) }
}

function directives(random: Random, place: Place, isVariant: boolean): readonly Entry[] {
  const entries: Entry[] = []
  const conditional = random.chance(0.25)
  if (conditional)
    entries.push(['spring.config.activate.on-profile', random.pick([...PROFILES, ...PROFILES, 'dev,eu', '!prod', 'dev & eu', 'default'])])
  const often = place.layout === 'mixed' ? 2 : 1
  if (random.chance(0.05 * often)) entries.push([`spring.profiles.group.${random.pick(PROFILES)}`, random.some(PROFILES, 2).join(',')])
  if (!isVariant && !conditional && random.chance(0.03 * often)) entries.push(['spring.profiles.include', random.pick(PROFILES)])
  if (random.chance(0.2)) entries.push(['spring.config.import', imported(random, place)])
  return entries
}

function imported(random: Random, { layout, path }: Place): string {
  const application = APPLICATIONS.find((name) => path.startsWith(name)) ?? 'base'
  if (layout === 'files') return `optional:${application}-parts.yml`
  if (layout === 'folders') return random.pick(['parts.yml', 'optional:parts/'])
  const one = (): string =>
    random.pick([
      'base.yml',
      'parts/base.yml',
      'optional:parts/',
      '../parts/base.yml',
      'teams/*/',
      'base.properties',
      './parts/base.yaml',
      '${part:parts}/base.yml',
      `${application}.yml`,
    ])
  return random.chance(0.3) ? `${one()},${one()}` : one()
}

function values(random: Random): readonly Entry[] {
  return random
    .some(['a', 'b.c', 'part', 'size', 'url'], 1 + random.below(4))
    .map((key) => [key, key === 'part' ? random.pick(['parts', 'teams/one']) : `${random.below(1000)}x`])
}

function textDraft(random: Random): Draft {
  return { documents: [], text: `text ${random.below(1_000_000)}\n`, style: 0 }
}

function withOtherValue(random: Random, draft: Draft): Draft {
  const chosen = random.below(draft.documents.length)
  const documents = draft.documents.map((document, index) => {
    if (index !== chosen) return document
    const plain = document.filter(([key]) => !key.startsWith('spring.') && key !== 'part')
    if (plain.length === 0) return [...document, ['added', `${random.below(1000)}y`] as const]
    const key = random.pick(plain)[0]
    return document.map((entry): Entry => (entry[0] === key ? [key, `${random.below(1_000_000)}z`] : entry))
  })
  return { ...draft, documents }
}

function withProfile(path: string, profile: string): string {
  const dot = path.lastIndexOf('.')
  return dot === -1 ? `${path}-${profile}` : `${path.slice(0, dot)}-${profile}${path.slice(dot)}`
}

function yaml({ documents, style }: Draft): string {
  const quote = style % 2 === 0 ? "'" : '"'
  const lines = documents.map((document) =>
    document.map(([key, value]) => `${key}:${' '.repeat(1 + (style % 3))}${quote}${value}${quote}\n`).join(style % 4 === 0 ? '' : '\n'),
  )
  return `# style ${style}\n${lines.join('---\n')}`
}

function properties({ documents, style }: Draft): string {
  const lines = documents.map((document) =>
    document.map(([key, value]) => `${key}${style % 2 === 0 ? '=' : ' : '}${value}\n`).join(style % 3 === 0 ? '' : '\n'),
  )
  return `# style ${style}\n\n${lines.join('#---\n')}`
}
