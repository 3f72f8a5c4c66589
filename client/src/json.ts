/** A configuration value, as JSON can hold it. An integer beyond what a double holds exactly arrives as its digits, in a text. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A value of a flat key. */
export type Leaf = string | number | boolean | null
