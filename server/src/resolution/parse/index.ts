import { ServerError } from '../../errors.js'
import { defaultLimits, type ParseContext, type ParsedDocument, type ParseLimits, tooLarge, unreadable } from './document.js'
import { isLfsPointer } from './lfs.js'
import { parseProperties } from './properties.js'
import { parseXml } from './xml.js'
import { parseYaml } from './yaml.js'

export { defaultLimits, type ParsedDocument, type ParseLimits } from './document.js'

/** The extensions of configuration files, strongest first. */
export const configExtensions = ['properties', 'xml', 'yml', 'yaml'] as const

export interface ParseOptions extends Partial<ParseLimits> {
  /** The extension to read the file by, where its name does not say it. */
  readonly format?: string
}

/**
 * Reads a file as Spring Boot reads it; the extension of `path` says how. Pure: equal bytes give equal documents.
 * Throws `unreadable-file` (file, line, column, what was expected) and `too-large`.
 */
export function parseFile(path: string, bytes: Uint8Array, { format, ...given }: ParseOptions = {}): readonly ParsedDocument[] {
  const limits = { ...defaultLimits, ...given }
  if (bytes.length > limits.bytes) throw tooLarge(`${path} has ${bytes.length} bytes, at most ${limits.bytes} are read`, { file: path })
  if (isLfsPointer(bytes)) throw unreadable({ file: path, expected: NO_LFS }, { line: 1, column: 1 })
  return parserOf(format === undefined ? path : `.${format}`, path)({ file: path, limits }, bytes)
}

/** Read as what it looks like, a pointer would be a property or two. */
const NO_LFS = 'expected the file itself, got a pointer of Git LFS, which is not followed: keep configuration in Git'

type Parser = (context: ParseContext, bytes: Uint8Array) => readonly ParsedDocument[]

function parserOf(name: string, path: string): Parser {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  const parser = parsers.get(extension)
  if (parser === undefined)
    throw new ServerError('unreadable-file', `${path}: expected a name ending in .${configExtensions.join(', .')}`, { file: path })
  return parser
}

const parsers: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['properties', parseProperties],
  ['xml', parseXml],
  ['yml', parseYaml],
  ['yaml', parseYaml],
] satisfies readonly (readonly [(typeof configExtensions)[number], Parser])[])
