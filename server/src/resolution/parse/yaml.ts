import type { Property } from '@carillon/environment'
import { type ParseContext, type ParsedDocument, startBudget, unreadable } from './document.js'
import { decodeUnicode } from './text.js'
import { composeDocuments } from './yaml/compose.js'
import { flattenRoot } from './yaml/flatten.js'
import { isEmptyRoot } from './yaml/nodes.js'

/**
 * Reads YAML as SnakeYAML does under Spring Boot: YAML 1.1, no timestamps, no duplicate keys, no tags of others. Empty documents
 * are left out. Throws `unreadable-file` and `too-large`.
 */
export function parseYaml(context: ParseContext, bytes: Uint8Array): readonly ParsedDocument[] {
  const text = decodeUnicode(context, bytes)
  refuseUnprintable(context, text)
  const budget = startBudget(context)
  return composeDocuments({ context, text }, budget)
    .filter((root) => !isEmptyRoot(root))
    .map((root) => {
      const properties = new Map<string, Property>()
      flattenRoot(root, { step: budget.step, put: (key, property) => budget.put(properties, key, property) })
      return { properties }
    })
}

/** What SnakeYAML lets into a stream at all, comments included. */
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

function refuseUnprintable({ file }: ParseContext, text: string): void {
  const bad = UNPRINTABLE.exec(text)
  if (bad === null) return
  const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const lines = text.slice(0, bad.index).split('\n')
  throw unreadable(
    { file, expected: `expected printable characters, got U+${code}` },
    { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 },
  )
}
