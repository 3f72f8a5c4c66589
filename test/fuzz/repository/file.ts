import type { Random } from '../random.js'
import { createHeader, type Extension, type Place } from './headers.js'
import { writeProperties, writeXml } from './properties.js'
import { createEntries, type Entry } from './tree.js'
import type { Words } from './words.js'
import { writeYaml, type YamlStyle } from './yaml.js'

/** The bytes of one configuration file for this repository's habits. */
export const createFile = (random: Random, words: Words, place: Place): Buffer => {
  const text = writeFile(random, words, place)
  if (!words.flavours.has('bytes') || place.extension === 'xml') return Buffer.from(text, 'utf8')
  const broken = random.chance(0.3) ? text.replace(/\r?\n/g, '\r\n') : text
  const marked = random.chance(0.25) ? `\ufeff${broken}` : broken
  return Buffer.from(random.chance(0.2) ? marked.replace(/\r?\n$/, '') : marked, 'utf8')
}

const writeFile = (random: Random, words: Words, place: Place): string => {
  const { extension } = place
  if (words.flavours.has('broken') && random.chance(0.08)) return breakage(random, extension)
  const documents = Array.from({ length: countDocuments(random, words, extension) }, () => [
    ...createHeader(random, readable(words, place), place),
    ...createEntries(random, words),
  ])
  switch (extension) {
    case 'xml':
      return writeXml(random, documents[0] ?? [], words)
    case 'properties':
      return documents
        .map((entries) => writeProperties(random, withoutTypedKeys(entries), words))
        .join(`${random.pick(['#---', '!---', '#---', '#---  '])}\n`)
    case 'yml':
    case 'yaml':
      return writeYamlFile(random, words, documents)
  }
}

// A properties file is read as ISO-8859-1, where such a name becomes one that is no profile: 500 for all.
const readable = (words: Words, { extension }: Place): Words =>
  extension === 'properties' ? { ...words, profiles: words.profiles.filter((profile) => /^[ -~]*$/.test(profile)) } : words

const countDocuments = (random: Random, { flavours }: Words, extension: Extension): number => {
  if (extension === 'xml') return 1
  return random.chance(flavours.has('activation') ? 0.7 : 0.15) ? 2 + random.below(3) : 1
}

const writeYamlFile = (random: Random, words: Words, documents: readonly (readonly Entry[])[]): string => {
  if (random.chance(0.02))
    return random.pick([
      '- one\n- two: 2\n',
      'blah\n',
      '12\n',
      'true\n',
      '# only a comment\n',
      '',
      '[]\n',
      '{}\n',
      '- [a, [b]]\n- 1.0\n',
      '---\n',
      '~\n',
    ])
  const style: YamlStyle = { indent: random.pick([2, 2, 2, 4, 3]), anchors: words.flavours.has('anchors') && random.chance(0.7) }
  const written = documents.map((entries) => writeYaml(random, entries, style))
  const start = random.pick(['', '', '---\n', '# a comment\n', '%YAML 1.1\n---\n', '# c\n---\n# d\n'])
  return (
    start +
    written.join(random.pick(['---\n', '---\n', '--- # next\n', '...\n---\n', '---\n# nothing here\n---\n'])) +
    random.pick(['', '', '', '---\n', '...\n'])
  )
}

// A key such as `[k]` in a properties file is another thing than in YAML; there it stays in the odd keys only.
const withoutTypedKeys = (entries: readonly Entry[]): Entry[] => entries.filter(({ key }) => key !== 'typed')

const breakage = (random: Random, extension: Extension): string =>
  extension === 'yml' || extension === 'yaml'
    ? random.pick([
        'a: [1, 2\nb: 3\n',
        'a:\n\tb: 1\n',
        'a: 1\na: 2\n',
        'a: *nowhere\n',
        'a: !weird x\n',
        'a: b: c\n',
        '"a\n',
        'a: &x {b: *x}\n',
        'spring.profiles: dev\na: 1\n',
        'l:\n- 1: x\n',
      ])
    : extension === 'xml'
      ? '<properties><entry key="a">1</properties>'
      : random.pick(['a = \\u12\n', 'spring.profiles = dev\n', 'ok = 1\n'])
