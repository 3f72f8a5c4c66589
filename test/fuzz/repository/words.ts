import type { Random } from '../random.js'

/** A habit of a repository. Each seed has a few, so that what one breaks does not hide what the others show. */
export type Flavour =
  | 'types'
  | 'strings'
  | 'placeholders'
  | 'odd-keys'
  | 'activation'
  | 'imports'
  | 'groups'
  | 'clashes'
  | 'empties'
  | 'anchors'
  | 'bytes'
  | 'lists'
  | 'broken'

/** The names that one seed plays with; files and requests are made of them. */
export interface Words {
  readonly apps: readonly string[]
  readonly profiles: readonly string[]
  readonly flavours: ReadonlySet<Flavour>
  /** How keys are written that may hold a list or a comma text: one way in all files, because the two clash (500) when yml or json is rendered. */
  readonly listForm: 'list' | 'text'
}

const apps = ['shop', 'cart', 'user-api', 'pay.v2', 'billing', 'a', 'Shop']
const profiles = ['dev', 'prod', 'eu', 'live', 'p1', 'a.b', 'x_y', 'DEV', 'ünit']
const flavours: readonly Flavour[] = [
  'types',
  'strings',
  'placeholders',
  'odd-keys',
  'activation',
  'imports',
  'groups',
  'clashes',
  'empties',
  'anchors',
  'bytes',
  'lists',
]

/** Two to four applications, three or four profiles, three to five habits; one repository in thirty holds a broken file. */
export const createWords = (random: Random): Words => ({
  apps: random.some(apps, 2 + random.below(3)),
  profiles: random.some(profiles, 3 + random.below(2)),
  flavours: new Set([...random.some(flavours, 3 + random.below(3)), ...(random.chance(1 / 30) ? ['broken' as const] : [])]),
  listForm: random.pick(['list', 'text']),
})

/** Keys by what they hold: the same key keeps its shape in all files, unless the habit is to clash. */
export const keys = {
  scalar: [
    'server.port',
    'timeout',
    'owner',
    'url',
    'feature.beta',
    'feature.alpha.rate',
    'message',
    'db.url',
    'db.pool.size',
    'ratio',
    'note',
    'serverName',
    'my_key',
  ],
  list: ['hosts', 'db.roles', 'feature.flags'],
  deepList: ['db.replicas', 'routes', 'matrix'],
  map: ['limits', 'db.options', 'labels'],
} as const
