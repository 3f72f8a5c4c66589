import { ServerError } from '../../../server/src/errors.js'
import { openBackend, type TreeOpeners } from '../../../server/src/sources/backends.js'
import { type BadFile, type BadFiles, createBadFiles } from '../../../server/src/sources/bad-files.js'
import { createComposite } from '../../../server/src/sources/composite.js'
import type { SourceContext } from '../../../server/src/sources/context.js'
import { createEffectiveViews, strictViews } from '../../../server/src/sources/effective.js'
import { noLastGood } from '../../../server/src/sources/last-good.js'
import { createMemo } from '../../../server/src/sources/memo.js'
import { withOverrides } from '../../../server/src/sources/overrides.js'
import { createParsedFiles } from '../../../server/src/sources/parsed-files.js'
import type { ConfigRequest, Source } from '../../../server/src/sources/source.js'
import { type MemoryTree, openMemoryTree } from '../../tools/memory-tree.js'
import { load } from '../settings/input.js'

export interface OpenedSource {
  readonly source: Source
  /** Every address or folder that was opened, in order. */
  readonly opened: readonly string[]
  readonly troubles: readonly string[]
  readonly badFiles: BadFiles
  /** What was told of bad files, in order. */
  readonly bad: readonly BadFile[]
  /** The names of the sources, strongest first, or the code of the error. `/application/profiles/label`. */
  readonly ask: (path: string) => Promise<string>
}

/** The sources of a settings file (`carillon.…` keys, and lines below `spring.cloud.config.server`) over trees in memory, by address or folder; others do not exist. */
export function openSources(settings: readonly string[], trees: Readonly<Record<string, MemoryTree>>, lastGood = noLastGood): OpenedSource {
  const kind = ['composite', 'native'].find((known) => settings.some((line) => line.startsWith(known))) ?? 'git'
  const own = settings.filter((line) => line.startsWith('carillon.'))
  const spring = settings.filter((line) => !own.includes(line)).map((line) => `  ${line}`)
  const yml = [`spring.profiles.active: ${kind}`, ...own, 'spring.cloud.config.server:', ...spring].join('\n')
  const loaded = load({ yml }).settings
  const opened: string[] = []
  const troubles: string[] = []
  const open = (address: string): MemoryTree => {
    opened.push(address)
    return trees[address] ?? missing(address)
  }
  const openers: TreeOpeners = { git: (_, uri) => ({ ...open(uri), status: () => ({ state: 'ready' }) }), native: open }
  const bad: BadFile[] = []
  const badFiles = createBadFiles({ onBad: (found) => bad.push(found) })
  const context: SourceContext = {
    parsed: createParsedFiles(),
    environments: createMemo({ maxBytes: 1_000_000, weigh: () => 100 }),
    effective: loaded.strictCompat ? strictViews : createEffectiveViews({ badFiles, lastGood }),
    locationOrder: loaded.reverseLocationOrder ? 'reversed' : 'listed',
    onTrouble: (message) => troubles.push(message),
  }
  const members = loaded.backends.map((backend) => openBackend(backend, { trees: openers, context, workingFolder: '/work' }))
  const onFailure = loaded.failOnCompositeError ? 'fail' : 'skip'
  const source = withOverrides(
    createComposite({ members, onFailure, locationOrder: context.locationOrder, onTrouble: context.onTrouble }),
    loaded.overrides,
  )
  return { source, opened, troubles, badFiles, bad, ask: (path) => names(source, path) }
}

/** `/a,b/p,q/label` as a request. */
export function requestOf(path: string): ConfigRequest {
  const [, application = '', profiles = '', ...label] = path.split('/')
  return { applications: application.split(','), profiles: profiles.split(','), ...(label.length === 0 ? {} : { label: label.join('/') }) }
}

function missing(address: string): MemoryTree {
  const tree = openMemoryTree({})
  tree.fail(new ServerError('repository-failed', `there is nothing at ${address}`))
  return tree
}

async function names(source: Source, path: string): Promise<string> {
  try {
    const { propertySources } = await source.find(requestOf(path))
    return propertySources.map(({ name }) => name).join(' ')
  } catch (error) {
    return (error as ServerError).code
  }
}
