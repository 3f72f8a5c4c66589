import { createRandom } from './random.js'
import { changeFiles, createFiles, type Files } from './repository/repository.js'
import { createWords, type Words } from './repository/words.js'
import { createRequests, type Request } from './requests.js'
import { type Variant, variants } from './variants.js'

/** All that one seed says: what lies in the repositories, and what is asked. */
export interface Seed {
  readonly number: number
  readonly variant: Variant
  readonly words: Words
  /** Content of `seed-N`, of `feature/N` (and the tag `v/N`), and of `seed-N` in a home that holds the second content. */
  readonly files: Files
  readonly feature: Files
  readonly second: Files
  readonly requests: readonly Request[]
}

/** The seed's content and requests; the same number gives the same on every machine. */
export const createSeed = (number: number): Seed => {
  const random = createRandom(`carillon ${number}`)
  const variant = variants[number % variants.length] as Variant
  const words = createWords(random.fork('words'))
  const files = createFiles(random.fork('files'), words)
  const feature = changeFiles(random.fork('feature'), words, files)
  const second = createFiles(random.fork('second'), words)
  const branch = `seed-${number}`
  const labels = variant.homes.every(({ kind }) => kind === 'native')
    ? [branch]
    : [branch, branch, branch, branch, `feature/${number}`, `v/${number}`, '{sha}', '{short}']
  const subject = { words, labels, files: [...files.keys()] }
  return { number, variant, words, files, feature, second, requests: createRequests(random.fork('requests'), subject, variant) }
}

/** What is served without a label: the same for all seeds of all runs, or one seed's answers would depend on the others. */
export const createCommonFiles = (): Files => {
  const words: Words = {
    apps: ['shop', 'cart', 'user-api', 'a'],
    profiles: ['dev', 'prod', 'eu', 'p1'],
    flavours: new Set(['placeholders', 'lists', 'types']),
    listForm: 'text',
  }
  return createFiles(createRandom('carillon common'), words)
}
