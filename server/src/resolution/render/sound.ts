import { EVENT_ID, parseEvents } from 'js-yaml'

/**
 * Whether a text is one YAML document that any reader takes. The dumper writes no alias, no directive and no tag but `!!binary`: where one turns up, it
 * came in with a placeholder's value and names something that does not exist.
 */
export function readsAsOneDocument(text: string): boolean {
  try {
    const events = parseEvents(text, { maxDepth: 1000 })
    let documents = 0
    for (const event of events) {
      if (event.type === EVENT_ID.DOCUMENT) documents++
      if (event.type === EVENT_ID.ALIAS || ('tagStart' in event && isForeignTag(text.slice(event.tagStart, event.tagEnd)))) return false
    }
    return documents === 1
  } catch {
    return false
  }
}

function isForeignTag(tag: string): boolean {
  return tag !== '' && tag !== '!!binary'
}
