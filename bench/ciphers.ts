/**
 * A view of 50 values that are cipher texts beside the same view in plain: cold (the first answer made from a file, a new file each time) and warm (CPU per
 * request). Keys are warm in both: they are made once when the first value is decrypted. A second plain view says how far chance goes.
 */
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { type Cipher, createCipher, keyOfText, keyring } from '@carillon/environment/ciphers'
import { median, round, table } from './tools/numbers.js'
import { launcher, scratchFolder } from './tools/places.js'
import { type Pinned, startPinned } from './tools/processes.js'
import { compareAll, type Reading } from './tools/readings.js'
import { makeRepository, type Written } from './tools/repositories.js'

const VALUES = 50
/** Files of each kind: each first answer needs one. */
const FILES = 30
const ROUNDS = 15
const SECONDS = 1
const PASSWORD = 'a password for this benchmark'

/** How the values are written: the name of the view, and what stands before the text that is to be encrypted. */
const KINDS = [
  ['plain', undefined],
  ['plain too', undefined],
  ['password', ''],
  ['rsa', '{key:rsa}'],
  ['sealed', '{gcm:1}'],
  ['sealed rsa', '{key:rsa}{gcm:1}'],
] as const
type Kind = (typeof KINDS)[number]

const folder = scratchFolder()
await main()

async function main(): Promise<void> {
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()
  const repository = await makeSample(cipherWith(pem))
  const server = await startPinned(0, [launcher, 'serve', repository, '--port', '0', '--data-folder', join(folder, 'data')], {
    ENCRYPT_KEY: PASSWORD,
    CARILLON_ENCRYPT_KEYS_RSA: pem,
  })
  const cold = await coldTimes(server)
  const rows: (string | number)[][] = [['', 'cold ms', 'warm CPU us', 'warm CPU ratio to plain']]
  const numbers: Record<string, number> = {}
  const compared = await compareAll(
    KINDS.map(([name]) => ({ server, reading: warm(name) })),
    { rounds: ROUNDS, seconds: SECONDS },
  )
  for (const [index, { measured, ratio }] of compared.entries()) {
    const name = KINDS[index]?.[0] ?? ''
    rows.push([name, cold.get(name) ?? Number.NaN, measured.cpuMicroseconds, ratio])
    numbers[`cold_ms_${name.replace(' ', '_')}`] = round(cold.get(name) ?? Number.NaN)
    numbers[`warm_${name.replace(' ', '_')}`] = round(ratio)
  }
  await server.stop()
  console.log(table(rows))
  console.log(JSON.stringify({ bench: 'ciphers', ...numbers, warm_limit: 1.1 }))
}

function cipherWith(pem: string): Cipher {
  const password = keyOfText(PASSWORD)
  return createCipher(keyring(() => password, new Map([['rsa', keyOfText(pem)]])))
}

function applicationOf(name: string, index: number): string {
  return `${name.replace(' ', '')}${index}`
}

function warm(name: string): Reading {
  return { name, path: `/${applicationOf(name, 0)}/default`, headers: {} }
}

/** Every file has texts of its own; the plain values are as many and as long in all of them. */
async function makeSample(cipher: Cipher): Promise<string> {
  const files: Written[] = []
  for (const kind of KINDS) {
    for (let index = 0; index < FILES; index++) {
      files.push({ path: `${applicationOf(kind[0], index)}.yml`, text: await linesOf(kind, index, cipher) })
    }
  }
  return makeRepository(join(folder, 'repository'), files)
}

async function linesOf([, before]: Kind, file: number, cipher: Cipher): Promise<string> {
  const keys = Array.from({ length: VALUES }, (_, index) => `key-${index}`)
  const values = keys.map(async (property, index) => {
    const plain = `the value ${index} of file ${file}`
    return before === undefined ? plain : `{cipher}${await cipher.encrypt(`${before}${plain}`, { property })}`
  })
  return (await Promise.all(values)).map((value, index) => `key-${index}: '${value}'\n`).join('')
}

async function coldTimes({ url }: Pinned): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>(KINDS.map(([name]) => [name, []]))
  for (let index = FILES - 1; index >= 0; index--) {
    for (const [name] of KINDS) {
      const started = performance.now()
      const text = await (await fetch(`${url}/${applicationOf(name, index)}/default`)).text()
      const took = performance.now() - started
      if (!text.includes(`"the value ${VALUES - 1} of file ${index}"`)) throw new Error(`${name} was not decrypted`)
      // The first file of each kind makes its key, too.
      if (index < FILES - 1) times.get(name)?.push(took)
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]))
}
