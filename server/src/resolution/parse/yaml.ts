import type { Property } from '@carillon/environment'
import { type Budget, type ParseContext, type ParsedDocument, type Stretch, startBudget, unreadable } from './document.js'
import { decodeUnicode } from './text.js'
import { composeDocuments } from './yaml/compose.js'
import { flattenRoot } from './yaml/flatten.js'
import { isEmptyRoot, type Node } from './yaml/nodes.js'

/**
 * Reads YAML as SnakeYAML does under Spring Boot: YAML 1.1, no timestamps, no duplicate keys, no tags of others. Empty documents
 * are left out. Throws `unreadable-file` and `too-large`.
 */
export function parseYaml(context: ParseContext, bytes: Uint8Array): readonly ParsedDocument[] {
  const budget = startBudget(context)
  return rootsOf(context, readText(context, bytes), budget).map((root) => {
    const properties = new Map<string, Property>()
    flattenRoot(root, { step: budget.step, put: (key, property) => budget.put(properties, key, property) })
    return { properties }
  })
}

/** Tells of each value of the documents where it is written. Throws as `parseYaml`. */
export function scanYaml(context: ParseContext, text: string, tell: TellValue): void {
  const budget = startBudget(context)
  for (const root of rootsOf(context, text, budget)) {
    const properties = new Map<string, Property>()
    flattenRoot(root, {
      step: budget.step,
      put: (key, property, written) => {
        budget.put(properties, key, property)
        tell({ key, property, written })
      },
    })
  }
}

/** Takes a value with the stretch that it is written on. */
type TellValue = (told: { readonly key: string; readonly property: Property; readonly written: Stretch | undefined }) => void

/** The characters of a YAML file. Throws `unreadable-file`. */
export function readText(context: ParseContext, bytes: Uint8Array): string {
  const text = decodeUnicode(context, bytes)
  refuseUnprintable(context, text)
  return text
}

function rootsOf(context: ParseContext, text: string, budget: Budget): readonly Node[] {
  return composeDocuments({ context, text }, budget).filter((root) => !isEmptyRoot(root))
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
