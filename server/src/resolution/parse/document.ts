import type { Property } from '@carillon/environment'
import { ServerError } from '../../errors.js'

/**
 * One document of one file: flat keys in Spring's order. A document that holds nothing but empty maps has no keys and is
 * counted all the same, as Spring counts it.
 */
export interface ParsedDocument {
  readonly properties: ReadonlyMap<string, Property>
}

/** What a file may cost: its size in bytes, its flat keys, nested collections, and aliases on the way to one value. */
export interface ParseLimits {
  readonly bytes: number
  readonly keys: number
  readonly depth: number
  readonly aliases: number
}

/** The limits of a server that was told nothing else. 50 nested collections is SnakeYAML's own limit. */
export const defaultLimits: ParseLimits = { bytes: 3 * 1024 * 1024, keys: 100_000, depth: 50, aliases: 50 }

/** A file on its way to documents: its path for messages and origins, and its limits. */
export interface ParseContext {
  readonly file: string
  readonly limits: ParseLimits
}

/** Takes the flat keys of all documents of one file, and what else they cost; throws `too-large` where the file is not worth it. */
export interface Budget {
  /** One more flat key; counts its characters and those of its value, because a few aliases can repeat a long text without end. */
  put(properties: Map<string, Property>, key: string, property: Property): void
  /** One more node that was looked at, whether or not it gives a key, and the characters that were handled for it. */
  step(characters?: number): void
}

/** A few bytes may stand for many: what flattening may look at, and write, for each key or byte that is allowed. */
const STEPS_PER_KEY = 8
const CHARACTERS_PER_BYTE = 8

export function startBudget({ file, limits }: ParseContext): Budget {
  const maxSteps = limits.keys * STEPS_PER_KEY
  const maxCharacters = limits.bytes * CHARACTERS_PER_BYTE
  let keys = 0
  let steps = 0
  let characters = 0
  const spend = (more: number): void => {
    characters += more
    if (characters > maxCharacters) throw tooLarge(`${file} unfolds to more than ${maxCharacters} characters of keys and values`, { file })
  }
  return {
    put(properties, key, property) {
      keys += 1
      spend(key.length + (typeof property.value === 'string' ? property.value.length : 1))
      if (keys > limits.keys) throw tooLarge(`${file} holds more than ${limits.keys} keys`, { file })
      properties.set(key, property)
    },
    step(more = 0) {
      steps += 1
      spend(more)
      if (steps > maxSteps) throw tooLarge(`${file} unfolds to more than ${maxSteps} nodes`, { file })
    },
  }
}

/** Where in a file; line and column from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** From a place to just before another. */
export interface Stretch {
  readonly start: Place
  readonly end: Place
}

/** The error of a file that cannot be read. `expected` says what would have been right, never a value of the file. */
export function unreadable(
  trouble: { readonly file: string; readonly expected: string; readonly cause?: unknown },
  place: Place,
): ServerError {
  const message = `${trouble.file}:${place.line}:${place.column}: ${trouble.expected}`
  const cause = trouble.cause === undefined ? {} : { cause: trouble.cause }
  return new ServerError('unreadable-file', message, { file: trouble.file, line: place.line, column: place.column, ...cause })
}

/** The error of a file over one of its limits. */
export function tooLarge(message: string, place: { readonly file: string } & Partial<Place>): ServerError {
  return new ServerError('too-large', message, place)
}
