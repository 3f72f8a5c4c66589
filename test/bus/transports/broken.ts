import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { BrokerOptions } from '../../../bus/src/transports/connection.js'
import { openTransport } from '../../../bus/src/transports/open.js'
import { type Member, messageOf, openMember } from '../transport-contract.js'

/** Short enough for a test to see each deadline pass. */
const impatient: NonNullable<BrokerOptions['timings']> = {
  confirm: 1500,
  silence: 2000,
  check: 200,
  firstDelay: 50,
  longestDelay: 400,
}

/** Opens impatient members of one bus, and closes them all. */
export function openMembers(destination = `carillon-faults-${randomUUID()}`) {
  const members: Member[] = []
  return {
    destination,
    open: (url: string, options: Partial<BrokerOptions> = {}): Member => {
      const opener = (own: Parameters<typeof openTransport>[1]) => openTransport(url, { timings: impatient, ...own, ...options })
      const member = openMember(opener, { destination: options.destination ?? destination, receives: options.receives ?? 'all' })
      members.push(member)
      return member
    },
    close: () => Promise.all(members.map(({ transport }) => transport.close())),
  }
}

/** Resolves once the condition holds. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  for (const until = Date.now() + 30_000; !condition(); await pause(10)) if (Date.now() > until) throw new Error(`not within 30 s: ${what}`)
}

/** Publishes until it goes through: a member that is connected may not yet know that it no longer is. */
export async function publishSoon(member: Member, text: string): Promise<void> {
  let last: unknown
  for (const until = Date.now() + 30_000; Date.now() < until; await pause(50)) {
    try {
      return await member.transport.publish(messageOf(text))
    } catch (error) {
      last = error
    }
  }
  throw last
}

/** The first recorded message of real Spring members. */
export function firstRecorded(jsonl: string): Record<string, unknown> {
  const lines = jsonl.split('\n').filter((line) => line.includes('"body"'))
  return JSON.parse(lines[0] ?? '{}')
}
