/** What a key of a placeholder stands for, unresolved; `undefined` where there is no such key. */
export type PlaceholderLookup = (key: string) => string | undefined

/** A text with its placeholders filled in, and the keys that nothing resolved and that had no default. */
export interface Filled {
  readonly text: string
  readonly missing: readonly string[]
  readonly circular: readonly string[]
}

/**
 * Fills in `${key}` and `${key:default}` as Spring Boot does in its own settings: nested, recursive, the whole `key:default` tried as
 * a key first, `\${` an escape. What cannot be resolved stays as it is and is reported.
 */
export function fillPlaceholders(text: string, lookup: PlaceholderLookup): Filled {
  const missing: string[] = []
  const circular: string[] = []

  const fill = (template: string, visiting: ReadonlySet<string>): string => {
    const start = template.indexOf('${')
    if (start < 0) return template
    if (template[start - 1] === '\\') return `${template.slice(0, start - 1)}\${${fill(template.slice(start + 2), visiting)}`
    const end = closingBrace(template, start + 2)
    if (end === undefined) return template
    const value = replace(template.slice(start + 2, end), visiting)
    return `${template.slice(0, start)}${value}${fill(template.slice(end + 1), visiting)}`
  }

  const replace = (body: string, visiting: ReadonlySet<string>): string => {
    const key = fill(body, visiting)
    const colon = key.indexOf(':')
    const name = lookup(key) === undefined && colon >= 0 ? key.slice(0, colon) : key
    if (visiting.has(name)) {
      circular.push(name)
      return `\${${body}}`
    }
    const value = lookup(name)
    if (value !== undefined) return fill(value, new Set([...visiting, name]))
    if (colon >= 0) return key.slice(colon + 1)
    missing.push(name)
    return `\${${body}}`
  }

  return { text: fill(text, new Set()), missing, circular }
}

function closingBrace(text: string, from: number): number | undefined {
  let depth = 1
  for (let index = from; index < text.length; index++) {
    if (text[index] === '{') depth++
    if (text[index] === '}' && --depth === 0) return index
  }
  return undefined
}
