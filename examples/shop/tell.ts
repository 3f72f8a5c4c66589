import type { Status } from '@carillon/client'
import type { ShopConfig } from './schema.js'

/**
 * Prints what happens to the configuration. Values are printed because these are no secrets; a service would better name the keys alone. What is refused, and
 * why, the client says by itself.
 */
export function tellChanges(config: ShopConfig): void {
  config.on('change', ({ changes, to, cause }) => {
    for (const [key, { was, now }] of changes) console.log(`${key}: ${was} -> ${now}`)
    console.log(`runs ${to.commit.slice(0, 7)} (heard by ${cause})`)
  })
  let told: Status['bus'] = 'off'
  const tellBus = ({ bus }: Status) => {
    if (bus !== told) console.log(`bus ${bus}`)
    told = bus
  }
  tellBus(config.status)
  config.on('status', tellBus)
}
