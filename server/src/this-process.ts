import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** A process as others can look for it. */
export interface ProcessMark {
  readonly pid: number
  readonly host: string
  /** The boot of the machine and the space of process ids, in which the id means this process; absent where the system does not say. */
  readonly place?: string
  /** When it started, as the system counts; absent where the system does not say. */
  readonly started?: string
}

/** Whether a process runs, as far as can be told from here: its id means nothing in another container. */
export type Life = 'running' | 'gone' | 'unknown'

export async function markOfThisProcess(): Promise<ProcessMark> {
  const [boot, space, started] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined),
    readlink('/proc/self/ns/pid').catch(() => undefined),
    startOf('self'),
  ])
  return {
    pid: process.pid,
    host: hostname(),
    ...(boot === undefined || space === undefined ? {} : { place: `${boot.trim()} ${space}` }),
    ...(started === undefined ? {} : { started }),
  }
}

export async function lifeOf(mark: ProcessMark, seenBy: ProcessMark): Promise<Life> {
  if (mark.place !== undefined && mark.started !== undefined) {
    if (mark.place !== seenBy.place) return 'unknown'
    return (await startOf(String(mark.pid))) === mark.started ? 'running' : 'gone'
  }
  // Ids are given out again: one that is in use proves nothing.
  return mark.host === seenBy.host && seenBy.place === undefined && !isUsed(mark.pid) ? 'gone' : 'unknown'
}

/** Whether two processes read the same clock. */
export function isSameMachine(one: ProcessMark, other: ProcessMark): boolean {
  const bootOf = ({ place }: ProcessMark): string | undefined => place?.split(' ')[0]
  return bootOf(one) === undefined ? one.host === other.host : bootOf(one) === bootOf(other)
}

/** The 22nd field of `/proc/PID/stat`; the second may hold spaces and brackets. Who has ended and is only not waited for runs no more. */
async function startOf(pid: string): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return /^[ZX]/.test(fields?.[0] ?? '') ? undefined : fields?.[19]
}

/** Whether a process has this id here and now; perhaps another one than was meant. */
export function isUsed(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
