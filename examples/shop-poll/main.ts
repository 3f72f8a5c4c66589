import { load } from '@carillon/client'
import { schema } from '../shop/schema.js'
import { serveShop } from '../shop/serve.js'

const config = await load({
  name: 'orders',
  schema,
  defaults: { 'server.port': 3000 },
  refresh: { pollMs: 2_000, pinned: ['server.port'] },
})
await serveShop(config)
