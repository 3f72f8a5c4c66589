import fc from 'fast-check'

/** Signs that mean something to some reader. */
const signs = [
  ...`'"\`\\$#!%&*|<>?:;=,.-_~@[]{}() \t\n\r\f/`,
  '\\n',
  '\\r',
  '${x}',
  '$(x)',
  '\0',
  '\u0007',
  '\u007f',
  '\u0085',
  '\u00a0',
  'é',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '☎',
  '🔔',
  'a',
  'B',
  '0',
  '7',
  'yes',
  'null',
  '---',
]

const fromSigns = fc.array(fc.constantFrom(...signs), { maxLength: 12 }).map((parts) => parts.join(''))

/** Texts with much that readers trip over. */
export const anyText = fc.oneof(
  { weight: 3, arbitrary: fromSigns },
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'on', '1e3', '0x1F', '012', '1_000', '2001-01-01', '.5', '~', '=', '<<'),
)

/** The same for systems that end a text with a zero byte. */
export const anyVariable = anyText.map((text) => text.replaceAll('\0', ''))

/** Flat keys. */
export const anyKey = fc.oneof(
  fc.stringMatching(/^[a-z]{1,6}([.-][a-z]{1,4}|\[[0-9]\]){0,3}$/),
  fc.constantFrom('__proto__', 'constructor', 'a b', 'a=b', 'a:b', '#a', '!a', 'ä', 'yes', '1', 'a/b', '..', ''),
)

/** Names of variables. */
export const anyName = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/)
