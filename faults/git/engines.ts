import type { FaultPoint } from '../../server/src/fault-points.js'

/** A way to read repositories, and the arguments of `carillon serve` that choose it. */
export interface ServedEngine {
  readonly name: string
  readonly args: readonly string[]
  /** Where it can die while it puts a pack in its place. */
  readonly packPoints: readonly FaultPoint[]
}

/** Every fault is made to each of these. */
export const ENGINES: readonly ServedEngine[] = [
  {
    name: 'isomorphic-git',
    args: ['--set', 'carillon.git.engine=isomorphic'],
    packPoints: ['pack.before-index', 'pack.before-place', 'pack.within-place', 'pack.after-place'],
  },
  {
    name: "the system's git",
    args: ['--set', 'carillon.git.engine=system'],
    packPoints: ['pack.before-place', 'pack.within-place', 'pack.after-place'],
  },
]
