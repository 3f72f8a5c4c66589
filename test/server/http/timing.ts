/** How far apart two rows of times are, in standard deviations of what chance alone would do (Mann-Whitney). Outliers count no more than others. */
export function distance(one: readonly number[], other: readonly number[]): number {
  const all = [...one.map((time) => ({ time, own: true })), ...other.map((time) => ({ time, own: false }))].sort((a, b) => a.time - b.time)
  const ranks = all.reduce((sum, { own }, index) => (own ? sum + index + 1 : sum), 0)
  const [n, m] = [one.length, other.length]
  const share = (ranks - (n * (n + 1)) / 2) / (n * m)
  return (share - 0.5) / Math.sqrt((n + m + 1) / (12 * n * m))
}

/** Runs two trials side by side, so many times each, in an order that chance decides each time: what else the machine does meets both alike. */
export async function sideBySide(
  tries: number,
  works: readonly [() => Promise<void>, () => Promise<void>],
): Promise<readonly [number[], number[]]> {
  const times: readonly [number[], number[]] = [[], []]
  for (let index = 0; index < tries; index++) {
    const first = Math.random() < 0.5 ? 0 : 1
    for (const which of [first, 1 - first] as (0 | 1)[]) {
      const started = process.hrtime.bigint()
      await works[which]()
      times[which].push(Number(process.hrtime.bigint() - started))
    }
  }
  return times
}
