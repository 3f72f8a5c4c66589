import { ServerError } from '../../errors.js'
import { bareUrl, type RemoteOptions, secretsOf } from './address.js'
import type { Clone } from './clone.js'
import { openContent } from './content.js'
import type { GitTreeOptions, TreeStatus } from './git-tree.js'
import { isRefusal } from './remote.js'

/** How things stand with a remote at this moment: the clone that is served, why the last look failed, and when one did not. */
export interface Standing {
  readonly clone: () => Clone | undefined
  /** What is read from. Throws why there is nothing: the last failure, or `not-ready`. */
  readonly content: () => Content
  /** This clone is served from now on. Whoever is in the middle of reading the one before goes on. */
  readonly serve: (next: Clone) => void
  /** A look went well. Noted before what it brought is served: whoever is told of a new commit finds no failure beside it that is over. */
  readonly succeed: () => void
  /** Tells of a failure, unless it is the one before; what is known of it, for whoever asks. */
  readonly fail: (cause: unknown) => ServerError
  readonly status: () => Omit<TreeStatus, 'disk'>
}

export type Content = ReturnType<typeof openContent>

type StandingOptions = RemoteOptions & Pick<GitTreeOptions, 'onTrouble'>

export function createStanding(options: StandingOptions): Standing {
  let clone: Clone | undefined
  let content: Content | undefined
  let failure: ServerError | undefined
  let lastFetch: number | undefined

  return {
    clone: () => clone,
    content: () => {
      if (content !== undefined) return content
      throw failure ?? new ServerError('not-ready', `the repository ${bareUrl(options.uri)} is being cloned`)
    },
    serve: (next) => {
      if (next.objects !== clone?.objects) clone?.objects.forgetPacks()
      clone = next
      content = openContent(next.objects)
    },
    succeed: () => {
      failure = undefined
      lastFetch = Date.now()
    },
    fail: (cause) => {
      const known = failure?.message
      const isOurs = cause instanceof ServerError && !isRefusal(cause)
      failure = isOurs ? cause : failureOf(options, clone === undefined ? 'cloned' : 'fetched', cause)
      if (failure.message !== known) options.onTrouble?.(failure)
      return failure
    },
    status: () => ({
      state: clone !== undefined ? 'ready' : failure === undefined ? 'cloning' : 'failed',
      ...(lastFetch === undefined ? {} : { lastFetch }),
      ...(failure === undefined ? {} : { lastError: failure.message }),
    }),
  }
}

/** What the network says may repeat what it was asked: credentials are taken out of it. */
export function failureOf(options: RemoteOptions, what: 'cloned' | 'fetched' | 'tidied up', cause: unknown): ServerError {
  const { message, code } = cause as NodeJS.ErrnoException
  const whole = secretsOf(options).reduce((text, one) => text.replaceAll(one, '***'), message || code || 'unknown reason')
  // Each try writes somewhere else; the reason is the same, and told once.
  const said = whole.replace(/(?<=\/incoming\/)[\w.-]+/g, '…')
  const never = isRefusal(cause) ? 'repository-refused' : 'no-such-repository'
  return new ServerError(
    what === 'cloned' ? never : 'repository-failed',
    `the repository ${bareUrl(options.uri)} cannot be ${what}: ${said}`,
  )
}
