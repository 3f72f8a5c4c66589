import type { Trace } from '@carillon/bus'

/** What became of a delivery. */
export type HookOutcome = 'accepted' | 'ignored' | 'duplicate' | 'refused' | 'ping'

/** What a delivery asks for. It is a hint: whoever takes it fetches and compares for himself. */
export interface Hint {
  /** `look`: something may have changed. `announce`: the operator names whom to tell, whatever a comparison says. */
  readonly kind: 'look' | 'announce'
  /** The names that Spring would tell, `*` for all; only `/monitor` gives any. */
  readonly names: readonly string[]
  /** The address that the host clones from, without credentials; absent where the payload names none. */
  readonly repository?: string
  /** The one ref that moved (`refs/heads/main`); absent where several did or none is named. */
  readonly ref?: string
  /** What that ref is now; absent for a deleted one. */
  readonly commit?: string
  /** Where the request stands in a trace of its sender. */
  readonly trace?: Trace
}

/** The answer to a delivery and what follows from it. The body of a refusal lacks only time and path. */
export interface HookResult {
  readonly status: number
  readonly body: object | readonly string[]
  readonly outcome: HookOutcome
  /** For the log and the answer; never says anything of a secret. */
  readonly reason?: string
  /** Names a refusal in the log and in the answer. */
  readonly reference?: string
  readonly hint?: Hint
}

const ERRORS = { 400: 'Bad Request', 401: 'Unauthorized', 413: 'Content Too Large', 415: 'Unsupported Media Type' } as const

/** A delivery that is not taken: 400 what is sent makes no sense, 401 nobody vouches for it, 413 and 415 as in HTTP. */
export function refusal(status: keyof typeof ERRORS, reason: string, reference?: string): HookResult {
  const named = reference === undefined ? {} : { reference }
  return { status, body: { status, error: ERRORS[status], message: reason, ...named }, outcome: 'refused', reason, ...named }
}

/** A delivery that is understood and asks for nothing. Always 200: hosts switch off hooks that are answered with 4xx. */
export function nothing(outcome: 'ignored' | 'duplicate' | 'ping', reason: string): HookResult {
  return { status: 200, body: { outcome, reason }, outcome, reason }
}
