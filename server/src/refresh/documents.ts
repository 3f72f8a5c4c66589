import { ServerError } from '../errors.js'
import type { ParsedDocument } from '../resolution/parse/index.js'
import type { ParsedFiles } from '../sources/parsed-files.js'
import type { Snapshot, Tree } from '../trees/tree.js'

/** The documents of a file, none where there is no such file; whoever reads an unreadable one gets an error. */
export type Documents = readonly ParsedDocument[] | 'unreadable'

export interface DocumentsOptions {
  readonly tree: Pick<Tree, 'read'>
  readonly snapshot: Snapshot
  readonly parsed: ParsedFiles
  /** The extension to read the file by. */
  readonly format: string
}

/** Reads a file's documents out of a snapshot. Throws what the tree throws, but not for what the file says. */
export async function documentsOf(path: string, { tree, snapshot, parsed, format }: DocumentsOptions): Promise<Documents> {
  try {
    const file = await tree.read(snapshot, path)
    return file === undefined ? [] : parsed.parse(path, file, format)
  } catch (error) {
    if (error instanceof ServerError && (error.code === 'unreadable-file' || error.code === 'too-large')) return 'unreadable'
    throw error
  }
}
