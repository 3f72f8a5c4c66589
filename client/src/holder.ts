import type { StandardSchemaV1 } from '@standard-schema/spec'
import { changesBetween } from './changes.js'
import type { Change, RefreshCause, RefreshResult, Rejected } from './config.js'
import { ConfigError } from './errors.js'
import type { Generation, Make } from './generation.js'
import { inTurn } from './in-turn.js'
import type { Json, Leaf } from './json.js'
import type { Ingredients } from './layers.js'
import type { Lives, Recipe } from './lives.js'
import { isSameMeaning } from './remote/meaning.js'
import type { Confirmed, RemoteDocument } from './remote/remote.js'
import { inTypeOf } from './resolve/fill.js'

/** Something new to run. */
export interface Adoption {
  /** What the server says; absent when only what a bus announced is new. */
  readonly document?: RemoteDocument
  /** Values that a bus event puts over everything. */
  readonly announced?: ReadonlyMap<string, string>
  readonly cause: RefreshCause
  readonly traceparent?: string
}

/** What is in use, and the only way to replace it: as a whole, or not at all. */
export interface Holder {
  readonly current: () => Generation
  /** Never rejects. */
  readonly adopt: (adoption: Adoption) => Promise<RefreshResult>
  /** The server says that what is in use is what it has. */
  readonly confirm: (said: Confirmed) => RefreshResult
  /** Makes something live; no generation changes meanwhile. Rejects with what `make` throws. */
  readonly live: (recipe: Recipe) => ReturnType<Lives['add']>
  /** Ends what is live; what is being adopted comes to nothing. */
  readonly close: () => Promise<void>
}

export interface HolderOptions {
  readonly first: Generation
  readonly make: Make
  readonly lives: Lives
  /** Called with the new generation in place. */
  readonly onChange: (change: Change<unknown>, was: Generation, now: Generation) => void
  /** Called once for each refused digest. */
  readonly onRejected: (rejected: Rejected, error: ConfigError) => void
}

/** The answer that was refused last: it is not tried again. */
interface Refused extends Rejected {
  readonly document: RemoteDocument | undefined
}

export function holdGeneration({ first, make, lives, onChange, onRejected }: HolderOptions): Holder {
  let current = first
  let refused: Refused | undefined
  let closed = false
  const turn = inTurn()

  const confirm = ({ version, staleAt }: Confirmed): RefreshResult => {
    // an answer of before may come late: what it confirms is what it was asked about
    if (version.digest === current.version.digest) {
      const { document, ...ingredients } = current.ingredients
      current = { ...current, version, source: 'server', ingredients: { ...ingredients, document: document && staleAs(document, staleAt) } }
    }
    refused = undefined
    return { status: 'unchanged', version: current.version }
  }

  const reject = (document: RemoteDocument | undefined, error: ConfigError): RefreshResult => {
    const { version, issues } = { version: document?.version ?? current.version, issues: issuesOf(error) }
    refused = { version, issues, document }
    onRejected({ version, issues }, error)
    return { status: 'rejected', version, issues }
  }

  const ingredientsOf = ({ document, announced }: Adoption): Ingredients => ({
    ...current.ingredients,
    ...(document ? { document } : {}),
    announced: new Map([...current.ingredients.announced, ...typed(announced)]),
  })

  /** A bus knows texts alone: they take the type of what they cover. */
  const typed = (texts: Adoption['announced'] = new Map()) =>
    Array.from(texts, ([key, text]) => [key, inTypeOf(leafOf(current.resolved.explain(key)?.value), text)] as const)

  const replace = async (next: Generation, { cause, traceparent }: Adoption): Promise<RefreshResult> => {
    const was = current
    const changes = changesBetween(was.resolved.flat, next.resolved.flat)
    const prepared = await lives.prepare(was.resolved, next.resolved)
    if (closed) {
      await prepared.abandon()
      return failedClosed()
    }
    current = next
    refused = undefined
    const disposed = prepared.commit()
    const restartRequired = next.resolved.heldBack
    if (changes.size > 0) {
      const trace = traceparent === undefined ? {} : { traceparent }
      const values = { previous: was.resolved.values as object, current: next.resolved.values as object }
      onChange({ from: was.version, to: next.version, ...values, changes, cause, restartRequired, ...trace }, was, next)
    }
    await disposed
    // the same values from other files, say
    if (changes.size === 0) return { status: 'unchanged', version: next.version }
    return { status: 'applied', version: next.version, keys: [...changes.keys()], restartRequired }
  }

  const adoptNow = async (adoption: Adoption): Promise<RefreshResult> => {
    const { document } = adoption
    if (closed) return failedClosed()
    const { document: held } = current.ingredients
    if (document && held && isSameMeaning(document, held)) {
      current = { ...current, ingredients: { ...current.ingredients, document } }
      return confirm(document)
    }
    if (document && refused?.document && isSameMeaning(document, refused.document)) {
      return { status: 'rejected', version: document.version, issues: refused.issues }
    }
    try {
      const source = document ? 'server' : current.source
      return await replace(await make({ ingredients: ingredientsOf(adoption), source, previous: current }), adoption)
    } catch (error) {
      return reject(document, asConfigError(error))
    }
  }

  return {
    current: () => current,
    confirm,
    adopt: (adoption) => turn(() => adoptNow(adoption)),
    live: (recipe) =>
      turn(async () => {
        if (closed) throw closedError()
        return lives.add(recipe, current.resolved)
      }),
    close: async () => {
      closed = true
      await lives.close()
    },
  }
}

function staleAs({ staleAt: _, ...document }: RemoteDocument, staleAt: string | undefined): RemoteDocument {
  return staleAt === undefined ? document : { ...document, staleAt }
}

function leafOf(value: Json | undefined): Leaf | undefined {
  return typeof value === 'object' && value !== null ? undefined : value
}

/** The error for what is asked of configuration that was closed. */
export function closedError(): ConfigError {
  return new ConfigError('closed', 'The configuration was closed.')
}

function failedClosed(): RefreshResult {
  return { status: 'failed', error: closedError() }
}

function issuesOf(error: ConfigError): readonly StandardSchemaV1.Issue[] {
  return error.issues.length > 0 ? error.issues : [{ message: error.message }]
}

function asConfigError(error: unknown): ConfigError {
  return error instanceof ConfigError ? error : new ConfigError('invalid', 'The new values could not be used.', { cause: error })
}
