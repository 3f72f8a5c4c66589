import type { BusLink } from '@carillon/client'
import { CommandError } from '../failure.js'

/** The bus at an address. Throws 'usage' for one that no other process could be on. */
export async function busLink(url: string): Promise<BusLink> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'amqp':
    case 'amqps':
      return (await import('@carillon/client/amqp')).amqp({ url })
    case 'kafka':
      return (await import('@carillon/client/kafka')).kafka({ url })
    default:
      throw new CommandError(
        'usage',
        `--bus is an address with ${scheme === undefined ? 'no scheme' : `'${scheme}:'`}, expected amqp://…, amqps://… or kafka://….`,
      )
  }
}
