import { randomUUID } from 'node:crypto'
import { mkdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Claim, create, type Held, readHeld, removeStale } from './claim-file.js'
import { ServerError } from './errors.js'
import { isSameMachine, lifeOf, markOfThisProcess, type ProcessMark } from './this-process.js'

/** A folder in which this server alone writes. */
export interface FolderClaim {
  /** Lets others have it. Idempotent. */
  readonly close: () => Promise<void>
}

export interface FolderClaimOptions {
  readonly folder: string
  /** For messages: what is kept there, and how another folder is chosen. */
  readonly what: string
  readonly remedy: string
  /** The folder is waited for, cannot be claimed, or was taken by somebody. */
  readonly onTrouble: (message: string, error?: unknown) => void
  readonly times?: Partial<ClaimTimes>
  readonly self?: ProcessMark
}

/** In ms. */
export interface ClaimTimes {
  /** How long one that is in use is waited for: whoever is told to stop takes a moment. */
  readonly patience: number
  /** Between two signs of life, by the time of the file. */
  readonly beat: number
  /** Who gives none for so long, and cannot be looked for, is gone. */
  readonly quiet: number
  /** Between two looks. */
  readonly look: number
}

export const CLAIM_FILE = 'in-use.json'
const TIMES: ClaimTimes = { patience: 6000, beat: 1000, quiet: 5000, look: 100 }

/**
 * Claims a folder, and makes it where there is none. Waits a little for one that is in use, then throws `invalid-settings` and names who uses it. Who was killed
 * holds nothing: the next one takes over, at once where it can see that the process is gone, else when the file has not been touched for a while.
 */
export async function claimFolder(options: FolderClaimOptions): Promise<FolderClaim> {
  const { folder, what, onTrouble, times: given, self = await markOfThisProcess() } = options
  const times = { ...TIMES, ...given }
  const path = join(folder, CLAIM_FILE)
  const claim: Claim = { path, text: JSON.stringify({ ...self, since: new Date().toISOString(), token: randomUUID() }) }
  try {
    await mkdir(folder, { recursive: true })
    await take(claim, { ...options, times, self })
  } catch (error) {
    if (error instanceof ServerError) throw error
    onTrouble(`The ${what} ${folder} cannot be claimed: another server may write there, too`, error)
    return { close: async () => undefined }
  }
  return keepUp(claim, {
    beat: times.beat,
    onLost: () => onTrouble(`Another server has taken the ${what} ${folder}; both write there now`),
  })
}

type Taking = FolderClaimOptions & { readonly times: ClaimTimes; readonly self: ProcessMark }

async function take(claim: Claim, taking: Taking): Promise<void> {
  const { times, self } = taking
  const silence = createSilence(times.quiet)
  const waitFor = createPatience(taking)
  for (; !(await create(claim)); await pause(times.look)) {
    const held = await readHeld(claim.path)
    if (held === undefined) continue
    if (!(await isLeft(held, { self, silence }))) waitFor(held)
    else if (await takeOver(claim, { held, look: times.look })) return
  }
}

async function isLeft(held: Held, { self, silence }: { readonly self: ProcessMark; readonly silence: Silence }): Promise<boolean> {
  const life = held.mark === undefined ? 'unknown' : await lifeOf(held.mark, self)
  const isHere = held.mark !== undefined && isSameMachine(held.mark, self)
  return life === 'gone' || (life === 'unknown' && silence.isOver(held, isHere ? 'same' : 'other'))
}

/** Two may have found the same; the second takes away what the first made, which the first sees a moment later. */
async function takeOver(claim: Claim, { held, look }: { readonly held: Held; readonly look: number }): Promise<boolean> {
  if (!(await removeStale(claim.path, held.text)) || !(await create(claim))) return false
  await pause(look)
  return (await readHeld(claim.path))?.text === claim.text
}

/** Says once who is waited for, and throws when that was long enough. */
function createPatience({ folder, what, remedy, onTrouble, times }: Taking): (held: Held) => void {
  const until = performance.now() + times.patience
  let isTold = false
  return (held) => {
    const problem = `The ${what} ${folder} is in use by another Carillon, ${nameOf(held)}`
    if (performance.now() > until) throw new ServerError('invalid-settings', `${problem}: ${remedy}`)
    if (!isTold) onTrouble(`${problem}: waiting ${times.patience / 1000} s for it`)
    isTold = true
  }
}

/** Clocks of two machines differ by less than this (ms). */
const SKEW = 60_000

interface Silence {
  readonly isOver: (held: Held, clock: 'same' | 'other') => boolean
}

/** Whether nobody has touched the file for a while: by the clock that both read, else by watching. */
function createSilence(quiet: number): Silence {
  let touched: number | undefined
  let since = 0
  return {
    isOver(held, clock) {
      if (Date.now() - held.touched > (clock === 'same' ? quiet : quiet + SKEW)) return true
      if (held.touched !== touched) {
        touched = held.touched
        since = performance.now()
      }
      return performance.now() - since > quiet
    },
  }
}

function nameOf({ mark, since }: Held): string {
  return mark === undefined ? 'which does not say more' : `process ${mark.pid} on ${mark.host}, since ${since}`
}

function keepUp({ path, text }: Claim, { beat, onLost }: { readonly beat: number; readonly onLost: () => void }): FolderClaim {
  let beating: Promise<void> = Promise.resolve()
  const giveSign = async (): Promise<void> => {
    const held = await readHeld(path)
    // A cleaner of temporary files takes it away with everything else.
    if (held === undefined) await create({ path, text })
    else if (held.text === text) await utimes(path, new Date(), new Date())
    else {
      clearInterval(timer)
      onLost()
    }
  }
  // What fails now is tried again with the next one.
  const timer = setInterval(() => {
    beating = beating.then(giveSign).catch(() => undefined)
  }, beat).unref()
  let closed: Promise<void> | undefined
  const leave = async (): Promise<void> => {
    clearInterval(timer)
    await beating
    const held = await readHeld(path).catch(() => undefined)
    if (held?.text === text) await rm(path, { force: true })
  }
  return {
    close: () => {
      closed ??= leave()
      return closed
    },
  }
}
