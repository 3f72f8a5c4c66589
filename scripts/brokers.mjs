/** `npm run brokers -- up|down|status`: a real RabbitMQ and a real Kafka for tests and demos. Exit code 1 when one of them cannot be had. */
import { letGo, status, USER, up, withoutSecret } from './brokers/fleet.mjs'

const commands = { up: bringUp, down: takeDown, status: tell }
const [name] = process.argv.slice(2)
if (!Object.hasOwn(commands, name ?? '')) {
  console.error(`Got ${name === undefined ? 'no command' : `"${name}"`}, expected one of: ${Object.keys(commands).join(', ')}`)
  process.exit(2)
}
process.exitCode = await commands[name]()

async function bringUp() {
  const { brokers, missing } = await up(USER, { say: (text) => console.error(text) })
  for (const broker of Object.values(brokers)) console.log(lineOf(broker))
  for (const complaint of missing) console.error(complaint)
  return missing.length === 0 ? 0 : 1
}

function takeDown() {
  const { stopped, holders } = letGo(USER)
  for (const { name, url } of stopped) console.log(`${name.padEnd(9)} stopped (${withoutSecret(url)})`)
  if (stopped.length === 0)
    console.log(
      holders.length === 0 ? 'nothing to stop' : `still used by process ${holders.map(({ pid }) => pid).join(', ')}; they go with it`,
    )
  return 0
}

function tell() {
  const brokers = status()
  for (const broker of brokers) console.log(lineOf(broker))
  return brokers.every(({ url }) => url !== undefined) ? 0 : 1
}

function lineOf({ name, url, kind, since, variable, folder, container }) {
  if (url === undefined) return `${name.padEnd(9)} does not run`
  const where = { named: `named by ${variable}`, container: `container ${container?.slice(0, 12)}`, native: `native, in ${folder}` }[kind]
  return [name.padEnd(9), withoutSecret(url), where, ...(since === undefined ? [] : [`since ${since}`])].join('  ')
}
