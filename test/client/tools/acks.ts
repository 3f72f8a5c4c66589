import { randomUUID } from 'node:crypto'
import { openBus, openTransport } from '../../../bus/src/index.js'
import { eventually } from '../../server/trees/repositories.js'

/** Joins the bus, and gives the outcomes of the acks that instances of an application sent since. Leaves when the process ends. */
export async function listenForAcks(broker: string): Promise<(application: string) => readonly (string | undefined)[]> {
  const heard: { readonly from: string; readonly outcome: string | undefined }[] = []
  const bus = openBus({
    busId: `listener:0:${randomUUID()}`,
    openTransport: (events) => openTransport(broker, { ...events, destination: 'springCloudBus', receives: 'all' }),
    onEvent: () => undefined,
    onAck: ({ originService }, { outcome }) => heard.push({ from: originService, outcome }),
  })
  after(() => bus.close())
  await eventually(bus.state, (state) => state === 'connected', 20_000)
  return (application) => heard.filter(({ from }) => from.startsWith(`${application}:`)).map(({ outcome }) => outcome)
}
