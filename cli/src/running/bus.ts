import type { BusLink } from '@carillon/client'
import { amqp } from '@carillon/client/amqp'
import { kafka } from '@carillon/client/kafka'
import { CommandError } from '../failure.js'

/** The bus at an address. Throws 'usage' for one that no other process could be on. */
export function busLink(url: string): BusLink {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'amqp':
    case 'amqps':
      return amqp({ url })
    case 'kafka':
      return kafka({ url })
    default:
      throw new CommandError(
        'usage',
        `--bus is an address with ${scheme === undefined ? 'no scheme' : `'${scheme}:'`}, expected amqp://…, amqps://… or kafka://….`,
      )
  }
}
