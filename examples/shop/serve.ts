import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { actuator } from '@carillon/client/koa'
import Koa from 'koa'
import { openPool } from './pool.js'
import type { ShopConfig } from './schema.js'
import { tellChanges } from './tell.js'

/** The shop: `GET /quote?items=3` says what shipping costs. Ends with SIGTERM and SIGINT. */
export async function serveShop(config: ShopConfig): Promise<void> {
  // Made anew when a key below orders.database changes, and only then. The new pool is there before the values are replaced; then the old one goes.
  const database = await config.live(
    'orders.database',
    ({ orders }) => openPool(orders.database),
    (old) => old.end(),
  )
  tellChanges(config)

  const app = new Koa()
  app.use(actuator(config)) // GET /actuator/health, POST /actuator/refresh
  app.use((context) => {
    if (context.path !== '/quote') return
    // Taken once: this request sees one configuration to its end, whatever comes meanwhile.
    const { shop, orders, features } = config.values
    const items = Number(context.query.items ?? 1)
    if (!(items <= orders.maxItems)) context.throw(400, `At most ${orders.maxItems} items`)
    context.body = {
      shop: shop.name,
      items,
      shipping: `${orders.shippingFee.toFixed(2)} ${shop.currency}`,
      express: features.expressShipping,
      pool: database.current.size,
    }
  })

  const server = app.listen(config.values.server.port, '127.0.0.1')
  await once(server, 'listening')
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/quote runs ${config.version.commit.slice(0, 7)}`)

  // Finishes what was begun, then closes the pool and leaves the bus: nothing keeps the process alive, and it ends with 0.
  const end = () => server.close(() => void config.close())
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}
