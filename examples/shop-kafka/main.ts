import { load } from '@carillon/client'
import { kafka } from '@carillon/client/kafka'
import { schema } from '../shop/schema.js'
import { serveShop } from '../shop/serve.js'

const config = await load({
  name: 'orders',
  schema,
  defaults: { 'server.port': 3000 },
  refresh: { bus: kafka({ url: process.env.KAFKA_URL ?? 'kafka://localhost:9092' }), pinned: ['server.port'] },
})
await serveShop(config)
