import type { GitEngine } from './settings.js'

/** What a backend is made with beside its own keys. */
export interface Making {
  /** The key of the backend, for messages. */
  readonly key: string
  readonly trustCertificate: string | undefined
  readonly engine: GitEngine
  readonly maxPacks: number
  /** In bytes; 0 for no limit. */
  readonly maxDisk: number
  readonly report: (problem: string) => void
  readonly warn: (warning: string) => void
}

/** `{ [name]: value }`, or nothing where the value is empty: an optional field is absent, never `undefined`. */
export function given<Name extends string>(name: Name, value: string | undefined): { readonly [name in Name]?: string } {
  return value === undefined || value.trim() === '' ? {} : ({ [name]: value } as { readonly [name in Name]?: string })
}
