import { malformed, type Reader } from './reader.js'
import type { TextToken } from './tokens.js'

/** The handles of a document: YAML's own, and those of `%TAG` directives. Throws `unreadable-file` for `%YAML 2` and malformed ones. */
export function tagHandles(reader: Pick<Reader, 'context'>, directives: readonly TextToken[]): ReadonlyMap<string, string> {
  const handles = new Map([
    ['!', '!'],
    ['!!', PREFIX],
  ])
  for (const { text, start } of directives) {
    const [name, first = '', second = ''] = text.split(/[ \t]+/)
    if (name === '%YAML' && !/^1\.\d+$/.test(first)) throw malformed(reader, 'expected %YAML 1.1 or another 1.x', start)
    if (name === '%TAG' && second === '') throw malformed(reader, 'expected %TAG with a handle and a prefix', start)
    if (name === '%TAG') handles.set(first, second)
  }
  return handles
}

const PREFIX = 'tag:yaml.org,2002:'

/** The name behind `tag:yaml.org,2002:`, or the whole tag of somebody else; `undefined` where there is none or a lone `!`, which means none. */
export function tagName(handles: ReadonlyMap<string, string>, tag: TextToken | undefined): string | undefined {
  if (tag === undefined || tag.text === '!') return undefined
  const full = expanded(handles, tag.text)
  return full.startsWith(PREFIX) ? full.slice(PREFIX.length) : full
}

function expanded(handles: ReadonlyMap<string, string>, raw: string): string {
  if (raw.startsWith('!<')) return percentDecoded(raw.slice(2, -1))
  const handle = raw.slice(0, raw.indexOf('!', 1) + 1) || '!'
  return (handles.get(handle) ?? handle) + percentDecoded(raw.slice(handle.length))
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
