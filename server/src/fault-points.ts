import { channel } from 'node:diagnostics_channel'

/** A place on the way from a commit to an announcement where a crash must do no harm. */
export type FaultPoint =
  | 'clone.before-pack'
  | 'clone.after-pack'
  | 'clone.before-place'
  | 'clone.within-place'
  | 'clone.after-place'
  | 'pack.before-index'
  | 'pack.before-place'
  | 'pack.within-place'
  | 'pack.after-place'
  | 'fetch.after-list'
  | 'fetch.before-pack'
  | 'fetch.after-pack'
  | 'repack.before-pack'
  | 'repack.after-pack'
  | 'repack.within-place'
  | 'repack.after-place'
  | 'repack.within-removal'
  | 'repack.after-removal'
  | 'store.before-refs'
  | 'store.after-head'
  | 'store.after-refs'
  | 'store.before-assign'
  | 'store.after-assign'
  | 'announce.before-publish'
  | 'announce.after-publish'
  | 'announce.before-record'
  | 'announce.within-record'
  | 'announce.after-record'

const passed = channel('carillon:fault-point')

/**
 * Says that a place is passed, on the diagnostics channel `carillon:fault-point`. Nobody listens but `npm run faults`, which loads something into the process
 * that kills it there; without a listener this does nothing.
 */
export function faultPoint(name: FaultPoint): void {
  if (passed.hasSubscribers) passed.publish(name)
}
