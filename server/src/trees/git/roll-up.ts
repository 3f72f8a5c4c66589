import type { PackFile } from './packs.js'

/**
 * The packs to make one of: the small ones, until each that stays is larger than all smaller ones together; two at least, none where there is but one.
 * So a repack costs what came since the last ones, not what the repository holds, and few packs stay: their sizes double. (As `git repack --geometric=2`.)
 */
export function rollUp(packs: readonly PackFile[]): readonly PackFile[] {
  if (packs.length < 2) return []
  const bySize = packs.toSorted((a, b) => a.bytes - b.bytes)
  const sums: number[] = []
  for (const { bytes } of bySize) sums.push((sums.at(-1) ?? 0) + bytes)
  const last = bySize.findLastIndex(({ bytes }, index) => index > 0 && bytes <= (sums[index - 1] ?? 0))
  return bySize.slice(0, Math.max(last + 1, 2))
}
