import type { Random } from '../random.js'
import { createFile } from './file.js'
import type { Extension } from './headers.js'
import { createPlainFiles } from './plain.js'
import type { Words } from './words.js'

/** The files of one commit by path. */
export type Files = ReadonlyMap<string, Buffer>

const extensions: readonly Extension[] = ['yml', 'yml', 'yml', 'yaml', 'properties', 'properties', 'xml']

/** Where files lie: the folders that some variant of the settings searches, and two that none does. */
export const foldersOf = ({ apps, profiles }: Words): string[] => [
  ...apps.slice(0, 2).map((app) => `${app}/`),
  `${profiles[0]}/`,
  `${apps[0]}/${profiles[0]}/`,
  'teams/one/',
  'teams/two/',
  'conf-a/',
  'conf-b/deep/',
  'apart/',
]

/** The files of a repository: four to twelve configuration files in the root and in folders, what they import, and plain files. */
export const createFiles = (random: Random, words: Words): Files => {
  const files = new Map<string, Buffer>()
  const paths = new Set<string>()
  const count = 4 + random.below(9)
  for (let i = 0; i < count; i++) paths.add(choosePath(random, words))
  const targets = [...paths].filter((path) => !path.includes('/') && /\.(yml|properties)$/.test(path))
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const profile = words.profiles.find((one) => name.includes(`-${one}.`))
    const app = words.apps.find((one) => name.startsWith(one)) ?? 'application'
    files.set(path, createFile(random, words, { extension: name.slice(name.lastIndexOf('.') + 1) as Extension, app, profile, targets }))
  }
  if (words.flavours.has('imports')) for (const [path, bytes] of createParts(random, words)) files.set(path, bytes)
  for (const [path, bytes] of createPlainFiles(random, words)) files.set(path, bytes)
  return files
}

const choosePath = (random: Random, words: Words): string => {
  const folder = random.chance(0.65) ? '' : random.pick(foldersOf(words))
  const app = random.chance(0.35) ? 'application' : random.pick(words.apps)
  const profile = random.chance(0.45) ? `-${random.pick([...words.profiles, 'default'])}` : ''
  return `${folder}${app}${profile}.${random.pick(extensions)}`
}

const createParts = (random: Random, words: Words): Files => {
  const place = { app: 'parts', profile: undefined, targets: ['base.yml', 'extra.properties'] }
  const quiet: Words = { ...words, flavours: new Set([...words.flavours].filter((flavour) => flavour !== 'imports' || random.chance(0.3))) }
  const candidates: [string, Extension][] = [
    ['parts/base.yml', 'yml'],
    [`parts/base-${words.profiles[0]}.yml`, 'yml'],
    ['parts/extra.properties', 'properties'],
    ['parts/application.yml', 'yml'],
    [`parts/${words.apps[0]}.yml`, 'yml'],
    ['parts/bare', 'yml'],
    [`${words.apps[0]}/nested/application.yml`, 'yml'],
  ]
  return new Map(
    random
      .some(candidates, 4)
      .map(([path, extension]) => [
        path,
        createFile(random, quiet, { ...place, extension, profile: words.profiles.find((profile) => path.includes(`-${profile}.`)) }),
      ]),
  )
}

/** Another commit of the same repository: some files gone, some rewritten, some new. */
export const changeFiles = (random: Random, words: Words, files: Files): Files => {
  const kept = [...files].filter(() => random.chance(0.8))
  return new Map([...kept, ...[...createFiles(random, words)].filter(() => random.chance(0.3))])
}
