import type { PropertySource } from '@carillon/environment'
import type { EffectiveViews } from './effective.js'
import type { Memo } from './memo.js'
import type { ParsedFiles } from './parsed-files.js'

/** What all sources of a server share. */
export interface SourceContext {
  readonly parsed: ParsedFiles
  readonly environments: Memo<readonly PropertySource[]>
  readonly effective: EffectiveViews
  /** Which location a plain-text file is looked for in first; `listed` is the weakest first, as Spring does. */
  readonly locationOrder: 'listed' | 'reversed'
  /** Told when a request is answered in spite of trouble. */
  readonly onTrouble: (message: string, error: unknown) => void
}
