/** So many at once, and then one after the other: what anybody may start, however often he asks. */
export interface Allowance {
  /** How long until one more may start (ms); 0 for now. */
  wait(): number
  /** One more has started. */
  take(): void
}

export interface AllowanceOptions {
  readonly atOnce: number
  /** The time in which one is given back (ms). */
  readonly each: number
  readonly clock: () => number
}

export function createAllowance({ atOnce, each, clock }: AllowanceOptions): Allowance {
  let left = atOnce
  let counted = clock()
  const count = (): void => {
    const now = clock()
    left = Math.min(atOnce, left + Math.max(0, now - counted) / each)
    counted = now
  }
  return {
    wait() {
      count()
      return left >= 1 ? 0 : Math.ceil((1 - left) * each)
    },
    take() {
      count()
      left -= 1
    },
  }
}
