// One measurement of the client in a process of its own: prints a line of JSON. node client.mjs WHAT URL COUNT
import { load } from '@carillon/client'

const [what, uri, count] = [process.argv[2], process.argv[3], Number(process.argv[4])]
const options = { name: 'small', profiles: 'prod', uri, refresh: false, local: { env: false, argv: false } }
const accept = 'application/vnd.spring-cloud.config-server.v2+json'

const tasks = {
  load: () => each(count, async () => (await load(options)).close()),
  fetch: () => each(count, () => fetched('small')),
  check: async () => {
    const config = await load({ ...options, name: 'kept' })
    return each(count, () => config.refresh())
  },
  kept: () => each(count, () => fetched('kept')),
  get: async () => reads(await load(options), (config) => config.get('small.nested.key')),
  read: async () => reads((await load(options)).values, (values) => values.small.nested.key),
  large: () => large(() => load({ ...options, name: 'large' })),
  parsed: () => large(() => fetched('large')),
}

async function fetched(name) {
  return JSON.parse(await (await fetch(`${uri}/${name}/prod`, { headers: { accept } })).text())
}

/** Microseconds for one of many, after a warm-up. */
async function each(times, task) {
  for (let i = 0; i < times / 4; i++) await task()
  const started = performance.now()
  for (let i = 0; i < times; i++) await task()
  return { microseconds: ((performance.now() - started) * 1000) / times }
}

/** Nanoseconds for one read; the sum keeps the compiler from leaving it out. */
function reads(from, read) {
  let sum = 0
  const run = () => {
    const started = performance.now()
    for (let i = 0; i < count; i++) sum += read(from).length
    return performance.now() - started
  }
  run()
  const best = Math.min(run(), run(), run())
  return { nanoseconds: (best * 1e6) / count, sum }
}

/** Milliseconds for one, and megabytes that stay. */
async function large(make) {
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const started = performance.now()
  const made = await make()
  const milliseconds = performance.now() - started
  globalThis.gc()
  const megabytes = (process.memoryUsage().heapUsed - before) / 1e6
  await made.close?.()
  return { milliseconds, megabytes }
}

console.log(JSON.stringify(await tasks[what]()))
process.exit(0)
