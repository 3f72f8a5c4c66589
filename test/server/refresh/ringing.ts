import { type BusEvent, type MessageInfo, openBus, openTransport } from '@carillon/bus'
import { eventually } from '../trees/repositories.js'

/** An instance on a memory bus, and what it heard: `destination @label commit`, in order. */
export interface Member {
  readonly heard: readonly Heard[]
  /** Destinations, sorted, once there are this many. */
  readonly destinations: (count: number) => Promise<readonly string[]>
  readonly joined: Promise<void>
  readonly publish: (event: Parameters<ReturnType<typeof openBus>['publish']>[0], info?: MessageInfo) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Heard {
  readonly destination: string
  readonly event: BusEvent
  readonly info: MessageInfo
}

let members = 0

/** Joins the bus at a URL; `onHeard` is called before anything else happens. */
export function joinBus(url: string, onHeard: (heard: Heard) => void = () => {}): Member {
  const heard: Heard[] = []
  let connected = (): void => {}
  const joined = new Promise<void>((resolve) => {
    connected = resolve
  })
  const bus = openBus({
    busId: `instance:8080:${members++}`,
    openTransport: (events) => openTransport(url, { ...events, destination: 'springCloudBus', receives: 'events' }),
    onEvent: () => undefined,
    onOverheard: (event, info) => {
      const one = { destination: event.destinationService ?? '', event, info }
      heard.push(one)
      onHeard(one)
    },
    onState: (state) => {
      if (state === 'connected') connected()
    },
  })
  return {
    heard,
    joined,
    destinations: async (count) => {
      await eventually(
        () => heard.length,
        (length) => length >= count,
      )
      return heard.map(({ destination }) => destination).toSorted()
    },
    publish: bus.publish,
    close: bus.close,
  }
}
