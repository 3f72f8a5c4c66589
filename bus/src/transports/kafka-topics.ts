import { setTimeout as pause } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { BusError, textOf } from '../errors.js'
import type { Topics } from './kafka-outbox.js'
import type { Line } from './session.js'

/** How often we look for a topic that was just made (every 100 ms). */
const SIGHT = 50

/** Makes the topics that are not there, if that is allowed; those we receive from must be there then. */
export async function makeTopics(
  admin: Admin,
  { topics, line, what }: { readonly topics: Topics; readonly line: Line; readonly what: string },
): Promise<void> {
  const there = new Set(await admin.listTopics())
  const missing = [...new Set([topics.events, topics.acks])].filter((topic) => !there.has(topic))
  const made: string[] = []
  for (const topic of missing) {
    try {
      // Not for its leaders: kafkajs then takes a topic that is not yet to be seen for one that was not made.
      await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false })
      made.push(topic)
    } catch (cause) {
      const error = new BusError('broker-refused', `${what} has no topic ${topic}, and it cannot be made: ${textOf(cause)}`, { cause })
      if (topics.receives.includes(topic)) throw error
      line.tell(error)
    }
  }
  await seeTopics(admin, { made, line })
}

/** Waits until the brokers show what was made, by us or at the same moment by somebody else; not forever, as they may never let us see it. */
async function seeTopics(admin: Admin, { made, line }: { readonly made: readonly string[]; readonly line: Line }): Promise<void> {
  const seen = async () => {
    const there = new Set(await admin.listTopics())
    return made.every((topic) => there.has(topic))
  }
  for (let looks = 0; made.length > 0 && looks < SIGHT && !(await seen()); looks++) await pause(100, undefined, { signal: line.signal })
}
