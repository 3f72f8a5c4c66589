/** Where the server says what matters; pino's logger fits. Fields come first, then the message. */
export interface Log {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

/** What a log line should have as fields of an error: code and place of ours, the stack of others. */
export function fieldsOf(error: unknown): object {
  if (!(error instanceof Error)) return {}
  if ('place' in error && 'code' in error) return { code: error.code, ...(error.place as object) }
  return { stack: error.stack }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
