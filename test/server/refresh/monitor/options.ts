import type { MonitorOptions } from '../../../../server/src/refresh/monitor/receive.js'
import { optionsWith } from '../webhooks/deliver.js'

/** Options of a monitor as it is without settings. */
export function monitorOptions(given: Partial<MonitorOptions> = {}): MonitorOptions {
  return { ...optionsWith({ secrets: [] }), disabled: [], ignoredPaths: [], ...given }
}
