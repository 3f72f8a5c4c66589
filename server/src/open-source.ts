import { join } from 'node:path'
import type { PropertySource } from '@carillon/environment'
import { LRUCache } from 'lru-cache'
import { fieldsOfBad, lineOf } from './bad-file-report.js'
import { fieldsOf, type Log, messageOf } from './log.js'
import type { Settings } from './settings/settings.js'
import { openBackend, type TreeOpeners } from './sources/backends.js'
import { type BadFiles, createBadFiles } from './sources/bad-files.js'
import { createComposite } from './sources/composite.js'
import type { SourceContext } from './sources/context.js'
import { createEffectiveViews, type EffectiveViews, strictViews } from './sources/effective.js'
import { openLastGood } from './sources/last-good.js'
import { createMemo } from './sources/memo.js'
import { withOverrides } from './sources/overrides.js'
import type { ParsedFiles } from './sources/parsed-files.js'
import type { Source } from './sources/source.js'

export interface SourceParts {
  readonly trees: TreeOpeners
  readonly parsed: ParsedFiles
  readonly log: Log
  readonly workingFolder: string
}

/** What answers requests, and what is known to be bad in it. */
export interface OpenedSource {
  readonly source: Source
  readonly badFiles: BadFiles
}

/** Room for environments: lists of references to parsed documents (bytes). */
const ENVIRONMENTS = 32 * 1024 * 1024
const BYTES_PER_SOURCE = 256

/** The backends of the settings as one source, with overrides. Closing it writes down from where views were served. */
export function openSource(settings: Settings, { trees, parsed, log, workingFolder }: SourceParts): OpenedSource {
  const locationOrder = settings.reverseLocationOrder ? 'reversed' : 'listed'
  const onTrouble = sparingly((message, error) => log.warn(fieldsOf(error), `${message}: ${messageOf(error)}`))
  const environments = createMemo<readonly PropertySource[]>({
    maxBytes: ENVIRONMENTS,
    weigh: (sources) => BYTES_PER_SOURCE * (sources.length + 1),
  })
  const badFiles = createBadFiles({ onBad: (bad) => log.warn(fieldsOfBad(bad), lineOf(bad)) })
  const views = openViews(settings, { badFiles, onTrouble })
  const context: SourceContext = { parsed, environments, effective: views.effective, locationOrder, onTrouble }
  const members = settings.backends.map((backend) => openBackend(backend, { trees, context, workingFolder }))
  const onFailure = settings.failOnCompositeError ? 'fail' : 'skip'
  const source = withOverrides(createComposite({ members, onFailure, locationOrder, onTrouble }), settings.overrides)
  const close = async (): Promise<void> => {
    await source.close()
    await views.close()
  }
  return { source: { ...source, close }, badFiles }
}

/** The same trouble is met by each request until somebody mends it: it is told once a minute. */
const AGAIN = 60_000
const TOLD = 1024 * 1024

function sparingly(tell: SourceContext['onTrouble']): SourceContext['onTrouble'] {
  const told = new LRUCache<string, true>({ maxSize: TOLD, ttl: AGAIN, sizeCalculation: (_, line) => line.length * 2 + 100 })
  return (message, error) => {
    const line = `${message}: ${messageOf(error)}`
    if (told.has(line)) return
    told.set(line, true)
    tell(message, error)
  }
}

interface Views {
  readonly effective: EffectiveViews
  readonly close: () => Promise<void>
}

function openViews(
  { strictCompat, dataFolder }: Settings,
  parts: Pick<SourceContext, 'onTrouble'> & { readonly badFiles: BadFiles },
): Views {
  if (strictCompat) return { effective: strictViews, close: async () => undefined }
  const lastGood = openLastGood({ path: join(dataFolder, 'served', 'last-good.json'), onTrouble: parts.onTrouble })
  return { effective: createEffectiveViews({ badFiles: parts.badFiles, lastGood }), close: lastGood.close }
}
