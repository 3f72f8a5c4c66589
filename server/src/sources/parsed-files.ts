import { LRUCache } from 'lru-cache'
import { ServerError } from '../errors.js'
import { type ParsedDocument, parseFile } from '../resolution/parse/index.js'
import type { TreeFile } from '../trees/tree.js'

/** Parses files once for each content. A file that cannot be parsed is remembered too, so that asking again costs nothing. */
export interface ParsedFiles {
  /** `format` is the extension to read it by. Throws `unreadable-file` and `too-large`. */
  readonly parse: (path: string, file: TreeFile, format: string) => readonly ParsedDocument[]
}

type Outcome = { readonly documents: readonly ParsedDocument[] } | { readonly error: ServerError }

/** Room that parsed properties take beside the text they came from: maps, origins, strings. */
const WEIGHT_PER_BYTE = 8
const WEIGHT_PER_FILE = 512

/** A cache by content id and path (the path is part of every origin), bounded by an estimate of its bytes. */
export function createParsedFiles({ maxBytes = 64 * 1024 * 1024 } = {}): ParsedFiles {
  const outcomes = new LRUCache<string, Outcome>({ maxSize: maxBytes, sizeCalculation: () => 1 })
  return {
    parse: (path, file, format) => {
      const key = `${file.id}\0${format}\0${path}`
      let outcome = outcomes.get(key)
      if (outcome === undefined) {
        outcome = parseOnce(path, file, format)
        outcomes.set(key, outcome, { size: WEIGHT_PER_FILE + file.bytes.length * WEIGHT_PER_BYTE })
      }
      if ('error' in outcome) throw outcome.error
      return outcome.documents
    },
  }
}

function parseOnce(path: string, file: TreeFile, format: string): Outcome {
  try {
    return { documents: parseFile(path, file.bytes, { format }) }
  } catch (error) {
    if (error instanceof ServerError) return { error }
    throw error
  }
}
