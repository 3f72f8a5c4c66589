#!/usr/bin/env node
// Committed as it is, because npm links a bin before anything is built. No newer syntax than needed: an old Node must get
// as far as the message.
const needed = [20, 19]

async function start() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
    console.error(`carillon needs Node.js ${needed.join('.')} or newer, and this is ${process.versions.node}: see https://nodejs.org/`)
    process.exit(1)
  }
  await buildInCheckout()
  const { main } = await import('../dist/main.js')
  await main(process.argv.slice(2))
}

/** The sources are never in a published package: where they are, dist may be absent or old. */
async function buildInCheckout() {
  const { existsSync } = await import('node:fs')
  const setup = new URL('../../scripts/setup.mjs', import.meta.url)
  if (!existsSync(new URL('../src/main.ts', import.meta.url)) || !existsSync(setup)) return
  const { prepare } = await import(setup.href)
  prepare()
}

void start()
