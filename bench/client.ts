/**
 * What the client costs: a load beside a bare `fetch` and `JSON.parse` of the same bytes, each on a connection of its own, as a start has it, and from the
 * start of a process; a check for newer values on a kept connection; `get` beside a plain property read; 50,000 keys beside their parsed JSON; the core
 * as a bundle. Each in a process of its own, in turns, against a bare server.
 */
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { median, table } from './tools/numbers.js'
import { scratchFolder, tool } from './tools/places.js'
import { runPinned, startPinned } from './tools/processes.js'

const ROUNDS = 7
const LOADS = 400
const READS = 20_000_000
const KEYS = 50_000
const LIMITS = { load: 1.5, get: 20 }
const CLIENT_CORE = 0
const SERVER_CORE = 1
const folder = scratchFolder()

await main()

async function main(): Promise<void> {
  const server = await startPinned(SERVER_CORE, [tool('bare.mjs'), writeAnswers()])
  const [ours, theirs, check, kept] = [pick('microseconds'), pick('microseconds'), pick('microseconds'), pick('microseconds')]
  const [cold, coldBare, get, read] = [pick('wall'), pick('wall'), pick('nanoseconds'), pick('nanoseconds')]
  const [large, parsed] = [pick('milliseconds', 'megabytes'), pick('milliseconds', 'megabytes')]
  for (let round = 0; round < ROUNDS; round++) {
    cold.add(await measure('load', server.url, 1))
    coldBare.add(await measure('fetch', server.url, 1))
    ours.add(await measure('load', server.url, LOADS))
    theirs.add(await measure('fetch', server.url, LOADS))
    check.add(await measure('check', server.url, LOADS))
    kept.add(await measure('kept', server.url, LOADS))
    get.add(await measure('get', server.url, READS))
    read.add(await measure('read', server.url, READS))
    large.add(await measure('large', server.url, 1))
    parsed.add(await measure('parsed', server.url, 1))
  }
  await server.stop()
  const bundle = await bundleKilobytes()
  const ratios = {
    load: ours.middle('microseconds') / theirs.middle('microseconds'),
    check: check.middle('microseconds') / kept.middle('microseconds'),
    load_cold: cold.middle('wall') / coldBare.middle('wall'),
    get: get.middle('nanoseconds') / read.middle('nanoseconds'),
    large_time: large.middle('milliseconds') / parsed.middle('milliseconds'),
    large_memory: large.middle('megabytes') / parsed.middle('megabytes'),
  }
  console.log(
    table([
      ['', 'client', 'bare', 'ratio', 'limit'],
      ['load (us)', ours.middle('microseconds'), theirs.middle('microseconds'), ratios.load, LIMITS.load],
      ['check for newer values (us)', check.middle('microseconds'), kept.middle('microseconds'), ratios.check, '-'],
      ['load, whole process (ms)', cold.middle('wall'), coldBare.middle('wall'), ratios.load_cold, '-'],
      ['get, path of three (ns)', get.middle('nanoseconds'), read.middle('nanoseconds'), ratios.get, LIMITS.get],
      [`${KEYS} keys (ms)`, large.middle('milliseconds'), parsed.middle('milliseconds'), ratios.large_time, '-'],
      [`${KEYS} keys (MB)`, large.middle('megabytes'), parsed.middle('megabytes'), ratios.large_memory, '-'],
      ['core, minified (kB)', bundle.plain, '', '', '-'],
      ['core, gzipped (kB)', bundle.gzipped, '', '', '-'],
    ]),
  )
  const rounded = Object.fromEntries(Object.entries(ratios).map(([name, value]) => [name, round2(value)]))
  console.log(
    JSON.stringify({ bench: 'client', ...rounded, load_limit: LIMITS.load, get_limit: LIMITS.get, bundle_kb: round2(bundle.plain) }),
  )
}

type Measured = Readonly<Record<string, number>>

/** Collects measurements, and gives the middle of each. */
function pick(...names: readonly string[]) {
  const measured: Measured[] = []
  return {
    add: (one: Measured) => measured.push(one),
    middle: (name: string): number => {
      if (!names.includes(name)) throw new Error(`nobody measures ${name}`)
      return median(measured.map((one) => one[name] ?? Number.NaN))
    },
  }
}

async function measure(what: string, url: string, count: number): Promise<Measured> {
  const started = performance.now()
  const output = await runPinned(CLIENT_CORE, ['--expose-gc', tool('client.mjs'), what, url, String(count)])
  return { ...(JSON.parse(output) as Measured), wall: performance.now() - started }
}

/** About 2 kB, with a key three levels deep, and 50,000 keys, both with origins. */
function writeAnswers(): string {
  const answer = (name: string, keys: readonly string[]): string => {
    const source = Object.fromEntries(keys.map((key, index) => [key, { value: `value of key ${index}`, origin: `${index + 1}:3` }]))
    return JSON.stringify({
      name,
      profiles: ['prod'],
      label: null,
      version: 'a'.repeat(40),
      state: '',
      propertySources: [{ name: `${name}.yml`, source }],
    })
  }
  const headers = { 'content-type': 'application/vnd.spring-cloud.config-server.v2+json' }
  const small = ['small.nested.key', ...Array.from({ length: 30 }, (_, index) => `small.key-${index}`)]
  const large = Array.from({ length: KEYS }, (_, index) => `large.section-${index % 500}.key-${index}`)
  const answers = {
    '/small/prod': { status: 200, headers: { ...headers, connection: 'close' }, body: answer('small', small) },
    '/kept/prod': { status: 200, headers, body: answer('small', small) },
    '/large/prod': { status: 200, headers, body: answer('large', large) },
  }
  const file = join(folder, 'answers.json')
  writeFileSync(file, JSON.stringify(answers))
  return file
}

/** What a bundle needs to start: what is only imported where it is used, such as ciphers, is in files of its own. */
async function bundleKilobytes(): Promise<{ readonly plain: number; readonly gzipped: number }> {
  const contents = "export { load } from '@carillon/client'"
  const resolveDir = fileURLToPath(new URL('.', import.meta.url))
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir, sourcefile: 'core.js' },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
    splitting: true,
    metafile: true,
    outdir: folder,
    absWorkingDir: folder,
  })
  const entry = Object.keys(metafile.outputs).find((path) => metafile.outputs[path]?.entryPoint !== undefined) ?? ''
  const needed = withImports(entry, metafile, new Set())
  const bytes = Buffer.concat(outputFiles.filter(({ path }) => needed.has(relative(folder, path))).map(({ contents }) => contents))
  return { plain: bytes.length / 1000, gzipped: gzipSync(bytes).length / 1000 }
}

function withImports(path: string, metafile: Metafile, found: Set<string>): ReadonlySet<string> {
  if (found.has(path)) return found
  found.add(path)
  for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
    if (kind === 'import-statement') withImports(next, metafile, found)
  return found
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
