import { createHash } from 'node:crypto'

/** What was asked for; each list in its order. */
export interface View {
  readonly names: readonly string[]
  readonly profiles: readonly string[]
  /** Empty for the server's default. */
  readonly labels: readonly string[]
}

/** One text for one view. */
export function textOfView({ names, profiles, labels }: View): string {
  return JSON.stringify([names, profiles, labels])
}

/** A file name such as `orders-prod-6b0d….snapshot`: the words are for people, the hash tells views apart, on disks that ignore case too. */
export function nameOf(view: View): string {
  const words = [...view.names, ...view.profiles, ...view.labels].join('-')
  const readable = words.toLowerCase().replace(/[^a-z0-9-]+/g, '_')
  const hash = createHash('sha256').update(textOfView(view)).digest('hex')
  return `${readable.slice(0, 60)}-${hash.slice(0, 32)}.snapshot`
}
