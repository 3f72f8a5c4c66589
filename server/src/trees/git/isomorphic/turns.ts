/** Of one turn of the event loop, what reading may take (ms). */
const SHARE = 4

export interface TurnOptions {
  /** Milliseconds. */
  readonly clock?: () => number
  /** Does something once others have had their turn. */
  readonly afterTurn?: (work: () => void) => void
}

/**
 * Called before each piece of work, waits until others have had their turn where this one has lasted long enough: what is read at once would else keep them
 * waiting for as long as there is something to read. Who waits comes in the order of the calls.
 */
export function createTurns({
  clock = performance.now.bind(performance),
  afterTurn = setImmediate,
}: TurnOptions = {}): () => Promise<void> {
  let turn: { readonly began: number; readonly over: Promise<void> } | undefined
  const begin = (): NonNullable<typeof turn> => ({
    began: clock(),
    over: new Promise((resolve) =>
      afterTurn(() => {
        turn = undefined
        resolve()
      }),
    ),
  })
  const wait = async (): Promise<void> => {
    turn ??= begin()
    while (clock() - turn.began > SHARE) {
      await turn.over
      turn ??= begin()
    }
  }
  // One after the other: the next looks at the clock when the one before has begun.
  let last = Promise.resolve()
  return () => {
    last = last.then(wait)
    return last
  }
}
