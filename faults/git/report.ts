/** How much is tried: `few` is for a test, `full` what the project asks for. */
export type Scale = 'few' | 'some' | 'full'

/** What one part of the faults counted, and what went against its promise. */
export interface Part {
  readonly numbers: Readonly<Record<string, number>>
  readonly violations: readonly string[]
}
