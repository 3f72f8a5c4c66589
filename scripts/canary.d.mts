/** A secret that is to be searched for; different names are different secrets. */
export function canary(name: string): string

/** How secrets stand in an output, by form: `[]` where there is none. */
export function tracesIn(output: string | Uint8Array): readonly string[]

/** A text that holds secrets, as it may be printed: in the title of a test. */
export function titled(text: string): string
