/** Runs tasks one after the other, in the order in which they came; one that fails ends only itself. */
export function inTurn(): <R>(task: () => Promise<R>) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const run = last.then(task)
    last = run.catch(() => {})
    return run
  }
}
