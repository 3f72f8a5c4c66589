import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Serving, serve } from '../server/http/serving.js'
import type { Files } from '../server/trees/repositories.js'
import { type Program, startProgram } from '../tools/programs.js'

export const checkout = resolve(import.meta.dirname, '../..')

/** Serves the commits of a copy of config-repo-sample. */
export function serveSample(flags: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const folder = join(checkout, 'config-repo-sample')
  const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))
  return serve({ files, flags })
}

/** A file of config-repo-sample with some of it replaced. Throws where that is not in it. */
export function sampleWith(name: string, edits: Readonly<Record<string, string>>): Files {
  const text = readFileSync(join(checkout, 'config-repo-sample', name), 'utf8')
  const missing = Object.keys(edits).find((was) => !text.includes(was))
  if (missing !== undefined) throw new Error(`config-repo-sample/${name} has no "${missing}"`)
  return { [name]: Object.entries(edits).reduce((edited, [was, now]) => edited.replace(was, now), text) }
}

/** Runs a command in the root of the checkout, as a README says it. */
export function startExample(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return startProgram({ command, args, env, cwd: checkout })
}

export async function getJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T
}
