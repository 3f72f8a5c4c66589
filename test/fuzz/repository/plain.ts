import type { Random } from '../random.js'
import { anyText, placeholderText } from './scalars.js'
import type { Words } from './words.js'

/** The names of plain files, before a profile is put in. */
export const plainNames = [
  'nginx.conf',
  'static/banner.txt',
  'tpl/app.json',
  'notes',
  'data.bin',
  'page.html',
  '.hidden',
  'a.b.c',
  'static/deep/x.xml',
] as const

/** `nginx.conf` for profile `dev` is `nginx-dev.conf`; a name without extension gets it at its end. */
export const withProfile = (path: string, profile: string): string => {
  const slash = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  return dot < slash ? `${path}-${profile}` : `${path.slice(0, dot)}-${profile}${path.slice(dot)}`
}

/** Some plain files with placeholders, each perhaps with a profile's variant. */
export const createPlainFiles = (random: Random, words: Words): Map<string, Buffer> => {
  const files = new Map<string, Buffer>()
  for (const name of random.some(plainNames, 2 + random.below(3))) {
    files.set(name, content(random, words, name))
    if (random.chance(0.5)) {
      const variant = withProfile(name, random.pick(words.profiles))
      files.set(variant, content(random, words, variant))
    }
  }
  return files
}

const content = (random: Random, words: Words, name: string): Buffer => {
  if (name.endsWith('.bin')) return Buffer.from(Array.from({ length: 40 }, () => random.below(256)))
  const lines = Array.from(
    { length: 1 + random.below(4) },
    (_, index) => `${name} ${index}: ${random.chance(0.6) ? placeholderText(random) : anyText(random, words)}`,
  )
  const text = lines.join(random.pick(['\n', '\n', '\r\n'])) + random.pick(['', '\n'])
  return Buffer.from((words.flavours.has('bytes') && random.chance(0.3) ? '\ufeff' : '') + text, 'utf8')
}
