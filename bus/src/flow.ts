import { isForSelf, isFromSelf, type Self } from './destination.js'
import type { BusEvent, EnvironmentChangeEvent, RefreshEvent } from './event.js'

/** What a member acts on. A shutdown is read, acknowledged and otherwise ignored. */
export type Announcement = RefreshEvent | EnvironmentChangeEvent

/** What becomes of an event that came in: an own one that comes back was handled when it was published, and is only acknowledged. */
export type Reception =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'ack'; readonly ack: Extract<BusEvent, { readonly kind: 'ack' }> }
  | { readonly kind: 'acknowledged'; readonly event: BusEvent }
  | { readonly kind: 'handled'; readonly event: Announcement }

const IGNORED: Reception = { kind: 'ignored' }

/** Spring's rules for what comes in (spring-compat 7.6). An ack is heard whatever its destination, and never acknowledged. */
export function receptionOf(event: BusEvent, self: Self): Reception {
  switch (event.kind) {
    case 'unknown':
      return IGNORED
    case 'ack':
      return isFromSelf(event, self) ? IGNORED : { kind: 'ack', ack: event }
    case 'shutdown':
      return isForSelf(event, self) ? { kind: 'acknowledged', event } : IGNORED
    case 'refresh':
    case 'environment-change':
      if (!isForSelf(event, self)) return IGNORED
      return { kind: isFromSelf(event, self) ? 'acknowledged' : 'handled', event }
    default:
      return event satisfies never
  }
}

/** Whether its publisher handles an event too: a refresh where it is meant, an environment change always, as in Spring. */
export function isHandledByPublisher(event: Announcement, self: Self): boolean {
  return event.kind === 'environment-change' || isForSelf(event, self)
}
