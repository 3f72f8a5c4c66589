import { resolve } from 'node:path'
import { claimFolder, type FolderClaim } from './folder-claim.js'
import { fieldsOf, type Log, messageOf } from './log.js'
import { repositoriesIn } from './repositories.js'
import type { Settings } from './settings/settings.js'

/** Claims each folder that a server with these settings writes into; throws `invalid-settings` where another one does that. */
export async function claimFolders({ settings, log }: { readonly settings: Settings; readonly log: Log }): Promise<FolderClaim> {
  const claims: FolderClaim[] = []
  const close = async (): Promise<void> => {
    await Promise.all(claims.map((claim) => claim.close()))
  }
  const onTrouble = (message: string, error?: unknown): void => {
    log.warn(fieldsOf(error), error === undefined ? message : `${message}: ${messageOf(error)}`)
  }
  try {
    for (const folder of foldersOf(settings)) claims.push(await claimFolder({ ...folder, onTrouble }))
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

function foldersOf({ dataFolder, backends }: Settings) {
  const basedirs = repositoriesIn(backends).flatMap(({ basedir }) => (basedir === undefined ? [] : [resolve(basedir)]))
  const data = {
    folder: resolve(dataFolder),
    what: 'data folder',
    remedy: 'stop that one, or give this one a folder of its own by --data-folder or CARILLON_DATA_FOLDER',
  }
  const remedy = 'stop that one, or give this one another basedir'
  const others = [...new Set(basedirs)].filter((folder) => folder !== data.folder)
  return [data, ...others.map((folder) => ({ folder, what: 'basedir', remedy }))]
}
