import { isServiceLink, stepsOfKey, stepsOfVariable } from '@carillon/environment'
import { idOf, isIndex } from './key-tree.js'
import type { Local } from './resolved.js'

/** A text that an argument or a variable gives. `bare`: an argument without `=`. */
export interface LocalText {
  readonly kind: 'arg' | 'env'
  /** `--db.pool-max`, `DB_POOL_MAX`. */
  readonly source: string
  readonly value: string
  readonly bare?: true
}

/** What arguments and variables are called, step by step: a variable may mean a step by one or more of the words between its underscores. */
export interface LocalName {
  /** What ends here, strongest first; at most one of each kind counts. */
  readonly texts: readonly LocalText[]
  /** The steps that follow, by what namesakes share. */
  readonly next: ReadonlyMap<string, LocalName>
}

/** What of a name is still ahead. */
interface Rest {
  readonly text: LocalText
  readonly words: readonly string[]
  readonly at: number
  /** Whether several words may be one step. */
  readonly joins: boolean
}

/** No key has so many steps; and joining words is quadratic. */
const MAX_WORDS = 100

/** The names of arguments (`--db.pool-max=5`, up to `--`; the last one counts) and variables. Links to Kubernetes services are none. */
export function localNames({ argv, env }: Pick<Local, 'argv' | 'env'>): LocalName {
  return nameOf([...argumentsIn(argv), ...variablesIn(env)].filter(({ words }) => words.length > 0 && words.length <= MAX_WORDS))
}

/** The name one step further, in any spelling; `undefined` where nothing local begins so. */
export function localStep(name: LocalName | undefined, step: string): LocalName | undefined {
  if (name === undefined || step === '__proto__') return undefined
  const id = idOf(step)
  return name.next.get(id) ?? name.next.get(wordOf(id))
}

/** The name of a key in any spelling. */
export function localPath(names: LocalName, key: string): LocalName | undefined {
  return stepsOfKey(key).reduce<LocalName | undefined>(localStep, names)
}

/** A step as variables can spell it: letters and digits alone. */
export function wordOf(id: string): string {
  return id.replace(/[^a-z0-9]/g, '')
}

/** The name as arguments and variables below it are walked: each is one object with its rests, looked into when asked. */
function nameOf(rests: readonly Rest[]): LocalName {
  let next: Map<string, LocalName> | undefined
  return {
    texts: rests.filter(({ words, at }) => at === words.length).map(({ text }) => text),
    get next() {
      next ??= new Map([...nextRests(rests)].map(([id, some]) => [id, nameOf(some)]))
      return next
    },
  }
}

function nextRests(rests: readonly Rest[]): ReadonlyMap<string, readonly Rest[]> {
  const next = new Map<string, Rest[]>()
  for (const { text, words, at, joins } of rests) {
    const last = joins ? words.length : Math.min(at + 1, words.length)
    let id = ''
    for (let end = at + 1; end <= last; end++) {
      id += words[end - 1]
      // `HOSTS_1_0` is `hosts[1][0]`, never `hosts[10]`
      if (end > at + 1 && isIndex(id)) continue
      const some = next.get(id)
      if (some === undefined) next.set(id, [{ text, words, at: end, joins }])
      else some.push({ text, words, at: end, joins })
    }
  }
  return next
}

function argumentsIn(argv: readonly string[]): readonly Rest[] {
  const end = argv.indexOf('--')
  const found = new Map<string, Rest>()
  for (const argument of end < 0 ? argv : argv.slice(0, end)) {
    const [, name, assigned] = /^--([^=\s]+)(=.*)?$/s.exec(argument) ?? []
    if (name === undefined) continue
    const text: LocalText = {
      kind: 'arg',
      source: `--${name}`,
      value: assigned?.slice(1) ?? '',
      ...(assigned === undefined ? { bare: true } : {}),
    }
    const words = stepsOfKey(name).map(idOf)
    found.set(words.join('\0'), { text, words, at: 0, joins: false })
  }
  return [...found.values()]
}

function variablesIn(env: Local['env']): readonly Rest[] {
  return Object.keys(env)
    .sort()
    .flatMap((name) => {
      const value = env[name]
      if (value === undefined || isServiceLink(name, value)) return []
      // Some shells and containers allow a variable `db.pool-max`: it is a key then.
      const joins = !/[.[]/.test(name)
      const words = (joins ? stepsOfVariable(name) : stepsOfKey(name)).map(idOf)
      return [{ text: { kind: 'env' as const, source: name, value }, words, at: 0, joins }]
    })
}
