import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** How often a group is looked at (ms). */
const LOOK = 25

/** Sends a signal to a process group; one that has gone is no error. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch {
    // It has gone.
  }
}

/** Resolves when no process of the group runs any more. */
export async function groupGone(group: number): Promise<void> {
  while (groupRuns(group)) await pause(LOOK)
}

/** Whether a process of the group runs. One that has ended and that its parent never asks for does not: process 1 of a container often asks for nobody. */
export function groupRuns(group: number): boolean {
  return takesSignals(group) && (process.platform !== 'linux' || processesOf(group).some(({ state }) => state !== 'Z' && state !== 'X'))
}

function takesSignals(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function processesOf(group: number): readonly { readonly state: string | undefined }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter((stat) => stat.group === String(group))
}

/** After the name, which may hold anything and ends with the last bracket: state, parent, group; see proc(5). */
function statOf(process: string): { readonly state: string | undefined; readonly group: string | undefined } {
  try {
    const text = readFileSync(`/proc/${process}/stat`, 'utf8')
    const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, group }
  } catch {
    return { state: undefined, group: undefined }
  }
}
