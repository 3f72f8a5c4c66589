export interface Lanes<Thing extends { readonly name: string }, Place extends { readonly close: () => Promise<void> }, Result> {
  readonly things: readonly Thing[]
  readonly lanes: number
  /** Opens where the things of one lane are done, one after the other; closed after the last. */
  readonly open: () => Promise<Place>
  readonly work: (place: Place, thing: Thing) => Promise<Result>
}

/** Does all things, so many at a time; a result by the name of each, so that who wants one waits for that alone. */
export function inLanes<Thing extends { readonly name: string }, Place extends { readonly close: () => Promise<void> }, Result>({
  things,
  lanes,
  open,
  work,
}: Lanes<Thing, Place, Result>): ReadonlyMap<string, Promise<Result>> {
  const results = new Map<string, Promise<Result>>()
  for (let lane = 0; lane < lanes; lane++) {
    const opened = open()
    let before: Promise<unknown> = opened
    for (const thing of things.filter((_, index) => index % lanes === lane)) {
      const result = before.catch(() => undefined).then(async () => work(await opened, thing))
      results.set(thing.name, result)
      // Who wants it hears of it; one that nobody awaits yet must not end the process.
      result.catch(() => undefined)
      before = result
    }
    void before.catch(() => undefined).then(async () => (await opened).close())
  }
  return results
}
