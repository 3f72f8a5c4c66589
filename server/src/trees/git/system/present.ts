import { refused } from '../remote.js'
import { runGit } from './run.js'
import { surroundings } from './surroundings.js'
import { OLDEST } from './words.js'

let known: { readonly path: string | undefined; readonly asked: Promise<void> } | undefined

/** Resolves where there is a `git` that is new enough; asked once. Rejects with what is missing; asked anew then. */
export function presentGit(): Promise<void> {
  const path = surroundings().PATH
  const before = known
  if (before !== undefined && before.path === path) return before.asked
  const asked = ask()
  known = { path, asked }
  asked.catch(() => {
    known = undefined
  })
  return asked
}

async function ask(): Promise<void> {
  const said = await runGit({ args: ['version'], signal: AbortSignal.timeout(30_000) })
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said) ?? []).map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw refused(`git ${major}.${minor} is too old: install git ${OLDEST.join('.')} or newer`)
}
