import { reportOf } from './bad-file-report.js'
import type { Health, HealthComponent } from './http/health.js'
import { messageOf } from './log.js'
import type { Ring } from './refresh/ring.js'
import type { OpenRepository } from './repositories.js'
import type { BadFiles } from './sources/bad-files.js'
import type { Source } from './sources/source.js'

export interface HealthOptions {
  readonly source: Source
  readonly badFiles: Pick<BadFiles, 'all'>
  readonly repositories: () => readonly OpenRepository[]
  /** `undefined` where there is no bus. */
  readonly bus: () => Pick<Ring, 'state' | 'reason'> | undefined
  readonly isClosing: () => boolean
}

/** What this server knows of itself. Ready is who can serve a snapshot and is not closing: the outage of a Git host or a broker is no reason not to be. */
export function createHealth({ source, badFiles, repositories, bus, isClosing }: HealthOptions): Health {
  const isReady = ({ tree }: OpenRepository): boolean => tree.status().state === 'ready'
  return {
    ready: () => !isClosing() && (repositories().length === 0 || repositories().some(isReady)),
    components: async () => ({
      configServer: await configServerHealth(source),
      ...gitHealth(repositories()),
      ...(await badFilesHealth(badFiles)),
      ...busHealth(bus()),
    }),
  }
}

/** As Spring does it: a look-up of `app/default`. */
async function configServerHealth(source: Source): Promise<HealthComponent> {
  const repository = { name: 'app', profiles: ['default'], label: null }
  try {
    const { propertySources } = await source.find({ applications: ['app'], profiles: ['default'] })
    const sources = propertySources.map(({ name }) => name)
    return { status: 'UP', details: { repositories: [{ ...repository, ...(sources.length === 0 ? {} : { sources }) }] } }
  } catch (error) {
    return { status: 'DOWN', details: { repository: { application: 'app', profiles: 'default' }, error: messageOf(error) } }
  }
}

/** A repository that cannot be fetched is served as it was: its trouble stands in the details. One that is open more than once is told apart by its folder's name. */
function gitHealth(repositories: readonly OpenRepository[]): Readonly<Record<string, HealthComponent>> {
  if (repositories.length === 0) return {}
  const details = Object.fromEntries(
    repositories.map(({ name, uri, tree }) => {
      const { lastFetch, ...status } = tree.status()
      const isOnly = repositories.filter((other) => other.uri === uri).length === 1
      return [
        isOnly ? uri : `${uri} (${name})`,
        { ...status, ...(lastFetch === undefined ? {} : { lastFetch: new Date(lastFetch).toISOString() }) },
      ]
    }),
  )
  return { git: { status: 'UP', details } }
}

/** A commit that cannot be read is no reason to be down: an earlier one is served. The component is there for as long as there is something to mend. */
async function badFilesHealth(badFiles: Pick<BadFiles, 'all'>): Promise<Readonly<Record<string, HealthComponent>>> {
  const files = (await badFiles.all()).map(reportOf)
  return files.length === 0 ? {} : { badFiles: { status: 'UP', details: { files } } }
}

/** A bus that is away is no reason to be down either; why it is stands where Spring puts the reasons of its components. */
function busHealth(bus: Pick<Ring, 'state' | 'reason'> | undefined): Readonly<Record<string, HealthComponent>> {
  if (bus === undefined) return {}
  const reason = bus.reason()
  return { bus: { status: 'UP', details: { state: bus.state(), ...(reason === undefined ? {} : { error: reason.message }) } } }
}
