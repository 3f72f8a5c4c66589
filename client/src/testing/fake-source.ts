import { createHash } from 'node:crypto'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { reuse } from '../changes.js'
import { ConfigError } from '../errors.js'
import type { Generation, NextGeneration } from '../generation.js'
import type { Remote, RemoteDocument } from '../remote/remote.js'
import { resolvedOf } from './fake-values.js'

/** Versions that a test makes up, where a server and a schema would be. */
export interface FakeSource {
  readonly remote: Remote
  /** Throws 'invalid' for a version that was spoilt. */
  readonly generationOf: (next: Pick<NextGeneration, 'ingredients' | 'source'>) => Generation
  readonly latest: () => RemoteDocument
  /** Those of the last version that was not spoilt. */
  readonly values: () => object
  /** A new version; equal values are the version that they had. */
  readonly publish: (values: object) => void
  /** A new version that a schema refuses. */
  readonly spoil: (issues: readonly StandardSchemaV1.Issue[]) => void
  /** No answer, until there is a new version. */
  readonly fail: (error: ConfigError) => void
}

/** A document, and what is in it. */
interface Content {
  readonly document: RemoteDocument
  readonly values: object
}

export function fakeSource(first: object): FakeSource {
  const refused = new WeakMap<RemoteDocument, readonly StandardSchemaV1.Issue[]>()
  const contents = new WeakMap<RemoteDocument, object>()
  let commits = 0
  let trouble: ConfigError | undefined
  let good = contentOf(first)
  let latest = good.document

  function contentOf(values: object): Content {
    const document = documentOf(++commits)
    contents.set(document, values)
    return { document, values }
  }

  const ask: Remote['ask'] = async ({ known }) => {
    if (trouble !== undefined) throw trouble
    const { version } = latest
    return known?.version.digest === version.digest ? { kind: 'unchanged', version } : { kind: 'document', document: latest }
  }
  return {
    remote: { ask, close: () => {} },
    generationOf: ({ ingredients, source }) => {
      const { document = latest } = ingredients
      const issues = refused.get(document)
      if (issues !== undefined) throw new ConfigError('invalid', 'The schema refuses the configuration, as the test wants it.', { issues })
      return { version: document.version, source, ingredients, resolved: resolvedOf(contents.get(document) ?? {}) }
    },
    latest: () => latest,
    values: () => good.values,
    publish: (next) => {
      trouble = undefined
      const values = reuse(good.values, next) as object
      if (values !== good.values) good = contentOf(values)
      latest = good.document
    },
    spoil: (issues) => {
      trouble = undefined
      latest = documentOf(++commits)
      refused.set(latest, issues)
    },
    fail: (error) => {
      trouble = error
    },
  }
}

function documentOf(number: number): RemoteDocument {
  const commit = number.toString(16).padStart(40, '0')
  return { version: { commit, label: '', digest: createHash('sha256').update(commit).digest('hex') }, sources: [], text: '' }
}
