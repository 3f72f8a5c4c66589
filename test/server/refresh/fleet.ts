import { digestOf } from '@carillon/environment'
import { ServerError } from '../../../server/src/errors.js'
import type { Concern } from '../../../server/src/refresh/concern.js'
import type { ParsedFiles } from '../../../server/src/sources/parsed-files.js'
import { expandVariables, matchFolders } from '../../../server/src/sources/search-paths.js'
import { documentName, findFileInView, findInView, type View } from '../../../server/src/sources/view.js'
import type { Snapshot, Tree } from '../../../server/src/trees/tree.js'

/** What one running instance asks for: its environment, and perhaps a plain-text file. */
export interface Instance {
  readonly applications: readonly string[]
  readonly profiles: readonly string[]
  readonly plainText?: string
}

export interface Repository {
  readonly tree: Tree
  readonly parsed: ParsedFiles
  readonly searchPaths: readonly string[]
  readonly label: string
}

/** Says what an instance sees of a snapshot, as one text: the digest of its environment, or its error, and its plain-text file. */
export async function seenBy(instance: Instance, repository: Repository, snapshot: Snapshot): Promise<string> {
  const view = await viewOf(instance, repository, snapshot)
  const environment = await environmentOf(view, instance, repository)
  if (instance.plainText === undefined) return environment
  const found = await findFileInView(view, { profiles: instance.profiles, path: instance.plainText, order: 'listed' })
  return `${environment} ${found?.file.id ?? 'no file'}`
}

/** The view as the Git source makes it. */
async function viewOf(instance: Instance, { tree, searchPaths, label }: Repository, snapshot: Snapshot): Promise<View> {
  const folders = await matchFolders(tree, snapshot, expandVariables(searchPaths, { ...instance, label }))
  return {
    locations: folders.map((folder) => ({ text: folder === '' ? '' : `${folder}/`, path: folder === '' ? '' : `${folder}/` })),
    present: (paths) => tree.present(snapshot, paths),
    read: (path) => tree.read(snapshot, path),
    folders: async (folder) => (await tree.list(snapshot, folder)).filter(({ kind }) => kind === 'folder').map(({ name }) => name),
    nameOf: (document) => {
      const { path, location } = document.reference
      return document.count === 1 ? path : documentName(document, { file: path, location })
    },
    pins: [],
  }
}

async function environmentOf(view: View, instance: Instance, { parsed }: Repository): Promise<string> {
  try {
    return digestOf(await findInView(view, instance, parsed))
  } catch (error) {
    if (error instanceof ServerError) return error.code
    throw error
  }
}

/** Whether a concern reaches an instance. */
export function concerns({ application, profiles }: Concern, instance: Instance): boolean {
  const named = application === '*' || instance.applications.includes(application)
  return named && (profiles === '*' || instance.profiles.some((profile) => profiles.includes(profile)))
}
