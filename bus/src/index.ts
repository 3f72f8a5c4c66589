/** What an instance answers to a refresh: it runs the new values, had them already, refused them, or could not get them. */
export type AckOutcome = 'applied' | 'unchanged' | 'rejected' | 'failed'
