import { ServerError } from '../errors.js'
import { configExtensions } from './parse/index.js'
import { cleanPath } from './paths.js'

/** A folder to search or a file to load, with the text that named it (it shows in the names of documents, `optional:` included). */
export interface Location {
  readonly text: string
  /** In the space of the files; a folder is `''` or ends with `/`. Not clean yet. */
  readonly path: string
}

/** A file that a location may mean. `path` is clean; `profile` is set for a profile's variant of it. */
export interface Reference {
  readonly location: string
  readonly path: string
  readonly profile?: string
  /** How to read it: the extension of its name, or the hint of `name[.yml]`. */
  readonly extension: string
}

export interface ReferenceOptions {
  /** Base names to look for in a folder, weakest first. */
  readonly names: readonly string[]
  /** Absent: the plain files. Present: the variants for this profile. */
  readonly profile?: string
  /** Names of the folders directly below a folder; asked only where a location ends with an asterisk. */
  readonly folders: (folder: string) => Promise<readonly string[]>
}

/**
 * The files that a location may mean, weakest first. What would lie outside the root gives nothing.
 * Throws `illegal-property` for a file of a kind that cannot be read, unless it is optional. (Spring Boot: StandardConfigDataLocationResolver.)
 */
export async function referencesOf(location: Location, options: ReferenceOptions): Promise<readonly Reference[]> {
  const { profile } = options
  const suffix = profile === undefined ? '' : `-${profile}`
  const variant = profile === undefined ? {} : { profile }
  if (location.path === '' || location.path.endsWith('/')) {
    const files = await filesOfFolder(location.path, suffix, options)
    return files.map((file) => ({ location: location.text, ...file, ...variant }))
  }
  const file = splitFile(location)
  if (file === undefined) return []
  return [{ location: location.text, path: `${file.root}${suffix}${file.ending}`, extension: file.extension, ...variant }]
}

/** What the imports of one text mean, seen from a file; several stand between `;`. Other schemes than `file:` give nothing. */
export function importLocations(text: string, importing: Reference): readonly Location[] {
  const locations: Location[] = []
  for (const part of text.split(';')) {
    const path = importPath(part, importing)
    if (path !== undefined && path !== '') locations.push({ text: part, path })
  }
  return locations
}

const OPTIONAL = 'optional:'
const SCHEME = /^[a-zA-Z][a-zA-Z0-9*]*:/

function importPath(text: string, importing: Reference): string | undefined {
  const value = (text.startsWith(OPTIONAL) ? text.slice(OPTIONAL.length) : text).trim().replace(/^resource:/, '')
  const path = value.startsWith('file:/') ? value.slice('file:'.length) : value
  if (SCHEME.test(path)) return undefined
  const folder = importing.path.slice(0, importing.path.lastIndexOf('/') + 1)
  return path === '' || path.startsWith('/') ? path : `${folder}${path}`
}

async function filesOfFolder(
  path: string,
  suffix: string,
  { names, folders }: ReferenceOptions,
): Promise<readonly Omit<Reference, 'location'>[]> {
  const files: Omit<Reference, 'location'>[] = []
  const expanded = await expandFolder(path, folders)
  for (const name of names) {
    for (const extension of configExtensions.toReversed()) {
      for (const folder of expanded) {
        const path = `${folder}${name}${suffix}.${extension}`
        const clean = cleanPath(folder === '' ? path.replace(/^\/+/, '') : path)
        if (clean !== undefined) files.push({ path: clean, extension })
      }
    }
  }
  return files
}

/** A last segment of one asterisk is each visible folder, sorted; any other asterisk is part of a name. */
async function expandFolder(path: string, folders: ReferenceOptions['folders']): Promise<readonly string[]> {
  if (!path.endsWith('*/')) return [path]
  const parent = path.slice(0, -2)
  const names = await folders(cleanPath(parent) ?? parent)
  return names
    .filter((name) => !name.startsWith('..'))
    .toSorted()
    .map((name) => `${parent}${name}/`)
}

interface SplitFile {
  readonly root: string
  readonly ending: string
  readonly extension: string
}

/** Where the extension of a file begins. Spring compares the end of the name without its dot and in any case, so this does too. */
function splitFile({ text, path }: Location): SplitFile | undefined {
  const hint = /^(.*)\[\.(\w+)\]$/.exec(path)
  const named = hint === null ? path.toLowerCase() : `.${hint[2]?.toLowerCase()}`
  const extension = configExtensions.find((known) => named.endsWith(known))
  if (extension === undefined) {
    if (text.startsWith(OPTIONAL)) return undefined
    throw new ServerError(
      'illegal-property',
      `'${text}' is imported, but its extension is none of ${configExtensions.join(', ')}; a folder must end with '/'.`,
    )
  }
  const root = cleanPath(hint === null ? path.slice(0, path.length - extension.length - 1) : (hint[1] ?? ''))
  return root === undefined ? undefined : { root, ending: hint === null ? `.${extension}` : '', extension }
}
