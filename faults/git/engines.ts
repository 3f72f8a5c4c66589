/** A way to read repositories, and the arguments of `carillon serve` that choose it. */
export interface ServedEngine {
  readonly name: string
  readonly args: readonly string[]
}

/** Every fault is made to each of these. */
export const ENGINES: readonly ServedEngine[] = [{ name: 'isomorphic-git', args: [] }]
