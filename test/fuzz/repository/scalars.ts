import type { Random } from '../random.js'
import { keys, type Words } from './words.js'

// Plain scalars in every spelling of section 2.6 of the compatibility notes, and their near misses.
const spellings = (
  'true false yes no on off True TRUE Yes NO On OFF tRue y n Y N 0 1 -1 +5 12 1_000 1__0 0x1F -0x1F 0xg 0b101 0b2 010 00 -0 08 0o10 0o17 0x ' +
  '123456789012 12345678901234567890 -99999999999999999999 1:30 -1:30 190:20:30 1:30.5 01:30 1:60 12:30:45 1.0 1.5 100.0 1e3 .5 5. 1.e3 1.5e+3 1e-7 1e10 ' +
  '1E5 1_000.5 -0.0 -.5 +.5 123456789.123 0.001 0.0001 12345678.0 1e400 3.141592653589793238 .inf -.inf .Inf .INF .nan .NaN .NAN 2020-01-01 2020-1-1 ' +
  '2020-01-01T00:00:00Z 2001-12-14t21:59:43.10-05:00 null ~ Null NULL nUll 1.2.3 1,000 + . - _ 1_ _1 0_1 1e 0. -. = << 1.1.1 0.0 -1.5E-3 4.9e-324 1.7976931348623157e308'
)
  .split(' ')
  .filter((text) => text !== '-' && text !== '=' && text !== '<<')

const tagged = [
  '!!str 12',
  '!!str true',
  '!!int "12"',
  '!!float "1"',
  '!!float 3',
  '!!bool "yes"',
  '!!null ""',
  '!!binary aGVsbG8=',
  '!!str',
  '! plain',
  '!!timestamp 2020-01-01',
]

const strings = [
  'plain words',
  "it's",
  'a: b',
  'a #b',
  'ends:',
  ' leading',
  'trailing ',
  '-x',
  '- x',
  '? q',
  '?x',
  ':a',
  '@at',
  '`tick',
  '%p',
  '&amp',
  '*star',
  '!bang',
  '|pipe',
  '>gt',
  '{x}',
  '[x]',
  '}x',
  ',x',
  '"quoted"',
  "'single'",
  'back\\slash',
  'tab\there',
  'two  spaces',
  'café',
  'λ → ∞',
  'emoji 🎉',
  'no\u00a0break',
  'line\u2028sep',
  'nel\u0085x',
  'bell\u0007',
  '\ufeffbom',
  'http://h:1/p?q=1&r=2',
  'a,b,c',
  'C:\\dir\\x',
  '---',
  '--- x',
  '...',
  '[]',
  '{}',
  '%',
  '#hash',
  'true',
  '12',
  '1.0',
  'null',
  '~',
  '2020-01-01',
  '1:30',
  '0x1F',
  '',
  ' ',
  '=',
  '<<',
  '!',
  'a]b',
  'a{b}',
  'x y: z',
  'long text that goes on and on so that it is wider than eighty columns and has to be folded by the writer somewhere here',
  "long 'quoted': text that goes on and on so that it is wider than eighty columns and has to be folded somewhere  here",
  'averyveryverylongwordwithoutanyspacesinitthatcannotbefoldedbecausethereisnoplacetofolditatallreallynoneatall',
  'line one\nline two',
  'line one\nline two\n',
  'line one\n\n\n',
  '  indented\nnext',
  '\nstarts empty',
  'space before \nbreak',
  'tab\tand\nbreak',
  'cr\rhere',
  'crlf\r\nhere',
  'trailing break\n \n',
] as const

const placeholders = [
  '${K}',
  'pre-${K}-post',
  '${missing}',
  '${missing:dflt}',
  '${missing:}',
  '${missing:${K}}',
  '${missing:${gone:deep}}',
  '${K:unused}',
  '${L[0]}',
  '${L[9]:none}',
  '${L}',
  '${missing:a:b}',
  '${missing:http://h:1/p}',
  '\\${K}',
  '\\\\${K}',
  '$_{K}',
  '${}',
  '${:x}',
  '${missing:{y}}',
  '#{spel}',
  '#{${K}}',
  '$K',
  '$${K}',
  '${ K }',
  '${missing: spaced }',
  '{K}',
  '${${missing:K}}',
  '${K}${K}',
  '${K} and ${missing:x} and ${gone}',
  '${HOME}',
  '${java.version}',
  '${K:${L[0]}}',
  'a}b${K}',
  '${limits.low}',
]
const risky = [
  '${',
  '${K',
  '${missing:${',
  'x ${ y',
  '${missing:a\nb}',
  '${message}',
  '${missing:"q"}',
  "${missing:it's}",
  '${missing:a\\b}',
]

/** A plain or tagged scalar as YAML writes it. */
export const yamlSpelling = (random: Random): string => (random.chance(0.12) ? random.pick(tagged) : random.pick(spellings))

/** A text that some writer or reader has to be careful with. */
const awkwardText = (random: Random): string => random.pick(strings)

/** A text with placeholders over the keys that this suite knows. */
export const placeholderText = (random: Random): string =>
  (random.chance(0.03) ? random.pick(risky) : random.pick(placeholders))
    .replaceAll('K', () => random.pick(keys.scalar))
    .replaceAll('L', () => random.pick(keys.list))

/** A text without surprises. */
const simpleText = (random: Random): string =>
  random.pick(['alpha', 'beta', 'gamma', 'value', 'jdbc:h2:mem', 'x1', 'Hello World', 'green']) + random.below(100)

/** A text for this repository's habits. */
export const anyText = (random: Random, { flavours }: Words): string => {
  if (flavours.has('placeholders') && random.chance(0.4)) return placeholderText(random)
  if (flavours.has('strings') && random.chance(0.5)) return awkwardText(random)
  return simpleText(random)
}
