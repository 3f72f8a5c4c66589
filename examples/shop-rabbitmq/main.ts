import { load } from '@carillon/client'
import { amqp } from '@carillon/client/amqp'
import { schema } from '../shop/schema.js'
import { serveShop } from '../shop/serve.js'

const config = await load({
  name: 'orders',
  schema,
  defaults: { 'server.port': 3000 },
  refresh: { bus: amqp({ url: process.env.RABBITMQ_URL ?? 'amqp://localhost:5672' }), pinned: ['server.port'] },
})
await serveShop(config)
