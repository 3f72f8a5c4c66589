/**
 * Whom a change concerns: the instances of one application, or of all (`*`), that ask with one of these profiles (`*`: whatever they ask with).
 * A concern may be too wide, never too narrow: an instance that is told in vain finds its view unchanged.
 */
export interface Concern {
  readonly application: string
  readonly profiles: readonly string[] | '*'
}
