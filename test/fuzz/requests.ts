import type { Random } from './random.js'
import { plainNames, withProfile } from './repository/plain.js'
import { foldersOf } from './repository/repository.js'
import type { Words } from './repository/words.js'
import type { Variant } from './variants.js'

/** One GET. `path` goes on the wire as written, once `{sha}` and `{short}` are filled in with the commit of the seed's branch. */
export interface Request {
  readonly path: string
  readonly accept: string
}

/** What requests are made of: the seed's words, the labels that name its content and the files that lie there. */
export interface Subject {
  readonly words: Words
  readonly labels: readonly string[]
  readonly files: readonly string[]
}

const v1 = 'application/json'
const v2 = 'application/vnd.spring-cloud.config-server.v2+json'

/** The requests of one seed: about thirty, of all kinds. */
export const createRequests = (random: Random, subject: Subject, variant: Variant): Request[] => {
  const requests = [
    ...times(11, () => environment(random, subject)),
    ...times(11, () => rendered(random, subject)),
    ...times(6, () => resource(random, subject)),
    ...times(3, () => withoutLabel(random, subject)),
    ...times(2, () => odd(random, subject)),
  ]
  return requests.map(({ path, accept }) => ({ path: variant.prefix + path, accept }))
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

const encode = (text: string): string => encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%40', '@').replaceAll('%2B', '+')

const oneApp = (random: Random, { words }: Subject): string => {
  if (random.chance(0.08)) return 'application'
  if (random.chance(0.05)) return 'unknown'
  return random.chance(0.12) ? random.some(words.apps, 2).join(',') : random.pick(words.apps)
}

const oneProfile = (random: Random, { words }: Subject): string => {
  if (random.chance(0.15)) return 'default'
  if (random.chance(0.05)) return `default,${random.pick(words.profiles)}`
  if (random.chance(0.35)) return random.shuffle(random.some(words.profiles, 2 + random.below(2))).join(',')
  return random.chance(0.04) ? `${random.pick(words.profiles)},default` : random.pick(words.profiles)
}

const oneLabel = (random: Random, { labels }: Subject): string => {
  const label = random.pick(labels).replaceAll('/', '(_)')
  const other = random.pick(labels.length > 1 ? labels : ['main']).replaceAll('/', '(_)')
  if (random.chance(0.05)) return other === label ? `${label},main` : `${label},${other}`
  return random.chance(0.02) ? 'nolabel' : label
}

const environment = (random: Random, subject: Subject): Request => ({
  path: `/${encode(oneApp(random, subject))}/${encode(oneProfile(random, subject))}/${oneLabel(random, subject)}`,
  accept: random.pick([v1, v2, v2, '*/*']),
})

const rendered = (random: Random, subject: Subject): Request => {
  const query = random.chance(0.25) ? `?resolvePlaceholders=${random.pick(['false', 'false', 'true', 'no', 'off', ''])}` : ''
  const name = `${encode(oneApp(random, subject))}-${encode(oneProfile(random, subject))}`
  return {
    path: `/${oneLabel(random, subject)}/${name}.${random.pick(['yml', 'yaml', 'json', 'json', 'properties'])}${query}`,
    accept: '*/*',
  }
}

const resource = (random: Random, subject: Subject): Request => {
  const profile = oneProfile(random, subject)
  const wanted = random.chance(0.6)
    ? random.pick(plainNames)
    : random.chance(0.5)
      ? random.pick(subject.files)
      : withProfile(random.pick(plainNames), random.pick(subject.words.profiles))
  const path = wanted.split('/').map(encode).join('/')
  const query = random.chance(0.2) ? '?resolvePlaceholders=false' : ''
  return {
    path: `/${encode(oneApp(random, subject))}/${encode(profile)}/${oneLabel(random, subject)}/${path}${query}`,
    accept: random.pick(['*/*', '*/*', 'application/octet-stream']),
  }
}

const withoutLabel = (random: Random, subject: Subject): Request => {
  const [app, profile] = [encode(oneApp(random, subject)), encode(oneProfile(random, subject))]
  return random.pick<Request>([
    { path: `/${app}/${profile}`, accept: v1 },
    { path: `/${app}/${profile}`, accept: v2 },
    { path: `/${app}-${profile}.${random.pick(['yml', 'json', 'properties'])}`, accept: '*/*' },
    { path: `/${app}/${profile}/nginx.conf?useDefaultLabel`, accept: '*/*' },
  ])
}

const odd = (random: Random, subject: Subject): Request => {
  const app = encode(random.pick(subject.words.apps))
  const profile = encode(random.pick(subject.words.profiles))
  const label = oneLabel(random, subject)
  const folder = encode(random.pick(foldersOf(subject.words)).slice(0, -1).replaceAll('/', '(_)'))
  const path = random.pick([
    `/${folder}(_)${app}/${profile}/${label}`,
    `/(_)${app}/${profile}/${label}`,
    `/${app};v=1/${profile};x=y/${label}`,
    `/${app}/${profile}/${label};x=y`,
    `/${app}/${profile}/${label}/`,
    `/${app}/${profile},${profile}/${label}`,
    `/${app},${app}/${profile}/${label}`,
    `/${app}/${profile}%20/${label}`,
    `/%20/${profile}/${label}`,
    `/${app},/${profile}/${label}`,
    `/,${app}/${profile}/${label}`,
    `/${label}/${app}.yml`,
    `/${label}/-${profile}.yml`,
    `/${label}/${app}-.json`,
    `/${label}/${app}--${profile}.properties`,
    `/${label}/${app}-${profile}.YML`,
    `/${app}/${profile}/${label}/./nginx.conf`,
    `/${app}/${profile}/${label}/static/../nginx.conf`,
    `/${app}/${profile}/${label}//nginx.conf`,
    `/${app}/${profile}/${label}/nginx.conf/`,
    `/${app}/${profile}/${label}/static`,
    `/${app}/${profile}/${label}/${profile}/nginx.conf`,
    `/${app.toUpperCase()}/${profile}/${label}`,
    `/${app}/${profile}/${label},nolabel`,
    `/${app}/${profile}/${label},,${label}`,
    `/${app}/${profile}/{sha}^`,
    `/${app}%2e/${profile}/${label}`,
    `/${app}..x/${profile}/${label}`,
  ])
  return { path, accept: random.pick([v1, v2, '*/*']) }
}
