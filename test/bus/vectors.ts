import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The bodies of all recorded messages, in order. */
export function recordedBodies(): readonly string[] {
  return ['rabbit', 'kafka'].flatMap((name) =>
    readFileSync(join(import.meta.dirname, `vectors/${name}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { readonly body?: string }).body)
      .filter((body) => body !== undefined),
  )
}
