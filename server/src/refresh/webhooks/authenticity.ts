import type { Delivered, Proof } from './proofs.js'

/** Who asks, from Basic credentials: `anyone` where the server has no users, else `known` or `unknown`. */
export type Caller = 'anyone' | 'known' | 'unknown'

/** Whether a delivery may be believed. `unchecked`: nothing is configured that it could be checked against. */
export type Verdict = { readonly kind: 'trusted' } | { readonly kind: 'unchecked' } | { readonly kind: 'refused'; readonly reason: string }

export interface Judging extends Delivered {
  /** The proofs that are understood here, the strongest first. */
  readonly proofs: readonly Proof[]
  readonly caller: Caller
}

/**
 * A proof that was given must hold, the strongest alone: whoever can copy a weak one must not get round a strong one. Without a proof, and with an empty
 * one (a host without a secret), Basic credentials are needed. Without secrets hooks are as open as the rest of the server.
 */
export function judge(judging: Judging): Verdict {
  const { proofs, headers, secrets, caller } = judging
  if (secrets.length === 0) return withoutSecrets(caller)
  const claims = proofs.flatMap((proof) => {
    const given = proof.given(headers)
    return given === undefined ? [] : [{ proof, given }]
  })
  const claim = claims.find(({ given }) => given !== '')
  if (claim !== undefined) {
    const reason = claim.proof.flaw(claim.given, judging)
    return reason === undefined ? { kind: 'trusted' } : { kind: 'refused', reason }
  }
  if (caller === 'known') return { kind: 'trusted' }
  const [empty] = claims
  const reason =
    empty === undefined ? `no proof was sent: expected ${namesOf(proofs)}` : `${empty.proof.name} is empty: the hook has no secret`
  return { kind: 'refused', reason }
}

function withoutSecrets(caller: Caller): Verdict {
  switch (caller) {
    case 'anyone':
      return { kind: 'unchecked' }
    case 'known':
      return { kind: 'trusted' }
    case 'unknown':
      return {
        kind: 'refused',
        reason: 'no webhook secret is configured here (carillon.webhooks.secrets), so Basic credentials are needed',
      }
    default:
      return caller satisfies never
  }
}

function namesOf(proofs: readonly Proof[]): string {
  return [...proofs.map(({ name }) => name), 'Basic credentials'].join(' or ')
}
