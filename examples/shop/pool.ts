/** Stands in for the pool of a database driver: it opens nothing, but says when it would. */
export interface Pool {
  readonly number: number
  readonly size: number
  /** Waits for whoever still uses it, as real pools do. */
  readonly end: () => Promise<void>
}

let opened = 0

export async function openPool({ url, pool: size }: { readonly url: string; readonly pool: number }): Promise<Pool> {
  opened += 1
  const number = opened
  console.log(`pool ${number} opened: ${size} connections to ${new URL(url).host}`)
  return {
    number,
    size,
    end: async () => console.log(`pool ${number} closed`),
  }
}
