/** How SnakeYAML's default dumper writes a string. */
export type YamlStyle = 'plain' | 'single' | 'double' | 'literal' | 'binary'

const BREAK = /[\n\u0085\u2028\u2029]/
const NOT_PRINTABLE = /[^\t\n\r\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u
/** What only double quotes can hold, also spaces that a block scalar would lose. */
const NEEDS_ESCAPE = /[\t\r]| [\n\u0085\u2028\u2029]/
/** Indicators, document markers, outer spaces, and what looks like a number with leading zeros. */
const NOT_PLAIN = /^$|^[#,[\]{}&*!|>'"%@`]|^[-?:](?: |$)|^---|^\.\.\.|:(?: |$)| #|^ | $|^0[0-9_]+$/

const WORD = /^(?:yes|no|true|false|on|off|null|YES|NO|TRUE|FALSE|ON|OFF|NULL|Yes|No|True|False|On|Off|Null|~|<<)$/
const INTEGER =
  /^(?:[-+]?0b_*[01][01_]*|[-+]?0_*[0-7][0-7_]*|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const DECIMAL = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?)$/
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/
const SPECIAL = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const TIME =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/

/** The style of a string: as a value, or as a name in front of a `:` on the same line (`key`). */
export function yamlStyle(text: string, place: 'value' | 'key'): YamlStyle {
  if (NOT_PRINTABLE.test(text)) return 'binary'
  if (BREAK.test(text)) return place === 'key' || NEEDS_ESCAPE.test(text) || text.endsWith(' ') ? 'double' : 'literal'
  if (NEEDS_ESCAPE.test(text)) return 'double'
  return NOT_PLAIN.test(text) || looksTyped(text) ? 'single' : 'plain'
}

/** Whether YAML 1.1 would read a plain text as something else than a string. SnakeYAML looks at a limited length only. */
function looksTyped(text: string): boolean {
  if (WORD.test(text)) return true
  if (!/^[-+.0-9]/.test(text)) return false
  if (text.length <= 50 && (DATE.test(text) || TIME.test(text))) return true
  return text.length <= 1024 && (INTEGER.test(text) || looksLikeFloat(text))
}

function looksLikeFloat(text: string): boolean {
  return (DECIMAL.test(text) && /[.eE]/.test(text)) || SEXAGESIMAL.test(text) || SPECIAL.test(text)
}
