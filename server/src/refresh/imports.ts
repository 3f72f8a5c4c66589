import { cleanPath } from '../resolution/paths.js'
import { importLocations, type Location, referencesOf } from '../resolution/references.js'
import { configExtension, dashes, type NameReading, nameReadings, seenFrom } from './file-names.js'
import { isUnknown } from './steering.js'
import type { SteeringFile } from './steering-files.js'

/** A file that may import another, and whom of its readers the import leads to the other. */
export interface ImportEdge {
  readonly importer: string
  /** Absent: all readers of the importer. */
  readonly reading?: NameReading
  /** The other is read by a hint such as `name[.yml]`, whatever its own name says. */
  readonly format: 'by-name' | 'by-hint'
}

/** Who may import a file; the path of the file need not exist. */
export type Importers = (path: string) => readonly ImportEdge[]

interface Target {
  readonly key: string
  readonly format: ImportEdge['format']
}

interface Import {
  readonly importer: string
  readonly format: ImportEdge['format']
}

/**
 * Turns the imports of all files round. An import with a placeholder may mean any configuration file; one with a hint may lead anywhere from the
 * file that it names, because that file's own imports are not known.
 */
export async function importersIn(files: readonly SteeringFile[]): Promise<Importers> {
  const byTarget = new Map<string, Import[]>()
  const anywhere: Import[] = []
  for (const { importer, text } of files.flatMap(({ path, steering }) => steering.imports.map((text) => ({ importer: path, text })))) {
    const hinted = text.includes('[') || (isUnknown(text) && text.endsWith('}'))
    if (hinted || isUnknown(text)) anywhere.push({ importer, format: hinted ? 'by-hint' : 'by-name' })
    for (const { key, format } of await targetsOf(text, importer)) {
      const imports = byTarget.get(key) ?? []
      imports.push({ importer, format })
      byTarget.set(key, imports)
    }
  }
  return (path) => {
    const named = [...keysOf(path)].flatMap(({ key, edge }) => (byTarget.get(key) ?? []).map((found) => ({ ...found, ...edge })))
    const isConfig = configExtension(path) !== undefined
    return [...named, ...anywhere.filter(({ format }) => isConfig || format === 'by-hint')]
  }
}

/** Stands for the profile of a variant; no path holds it. */
const MARK = '\u0001'

async function targetsOf(text: string, importer: string): Promise<readonly Target[]> {
  if (isUnknown(text)) return []
  const targets: Target[] = []
  for (const location of importLocations(text, { location: '', path: importer, extension: '' })) {
    targets.push(...(location.path.endsWith('/') ? folderTargets(location) : await fileTargets(location)))
  }
  return targets
}

function folderTargets({ path }: Location): readonly Target[] {
  const [kind, text] = path.endsWith('*/') ? ['children', path.slice(0, -2)] : ['folder', path]
  const folder = cleanPath(text)
  return folder === undefined ? [] : [{ key: `${kind} ${folder}`, format: 'by-name' }]
}

async function fileTargets({ path }: Location): Promise<readonly Target[]> {
  const format = path.endsWith(']') ? 'by-hint' : 'by-name'
  // `optional:` keeps a file of an unknown kind from being an error: it is one for whoever reads the import.
  const options = { names: [], folders: async () => [] }
  const plain = await referencesOf({ text: 'optional:', path }, options)
  const variants = await referencesOf({ text: 'optional:', path }, { ...options, profile: MARK })
  return [
    ...plain.map((file) => ({ key: `file ${file.path}`, format }) as const),
    ...variants.map((file) => ({ key: `variant ${file.path}`, format }) as const),
  ]
}

/** The targets that a path can be reached by. */
function* keysOf(path: string): Generator<{ readonly key: string; readonly edge?: Pick<ImportEdge, 'reading'> }> {
  yield { key: `file ${path}` }
  const extension = configExtension(path)
  for (const ending of extension === undefined ? [''] : ['', `.${extension}`]) {
    for (const dash of dashes(path)) {
      const profile = path.slice(dash + 1, path.length - ending.length)
      const key = `variant ${path.slice(0, dash + 1)}${MARK}${ending}`
      if (profile !== '') yield { key, edge: { reading: { application: 'application', profile } } }
    }
  }
  for (const { folder, rest } of seenFrom(path)) {
    for (const reading of nameReadings(rest)) {
      yield { key: `folder ${folder}`, edge: { reading } }
      if (folder !== '') yield { key: `children ${folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))}`, edge: { reading } }
    }
  }
}
