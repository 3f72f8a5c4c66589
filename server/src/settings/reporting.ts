import type { ChosenBackend } from './backends.js'

/** What building reports: problems stop the start, warnings are logged. */
export interface Reporting {
  readonly chosen: ChosenBackend
  /** Whether somebody gave this key: what is there may be a default. */
  readonly isGiven: (key: string) => boolean
  readonly report: (problem: string) => void
  readonly warn: (warning: string) => void
}
