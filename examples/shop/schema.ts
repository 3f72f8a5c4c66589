import type { Config } from '@carillon/client'
import { z } from 'zod'

/** A file of properties holds texts, a YAML file holds booleans. */
const flag = z.union([z.boolean(), z.stringbool()])

/** What this program needs. Whatever else the files hold is left out, and a commit that breaks one of these rules is not taken over. */
export const schema = z.object({
  server: z.object({ port: z.coerce.number().int().min(0).max(65_535) }),
  shop: z.object({ name: z.string(), currency: z.string().length(3) }),
  orders: z.object({
    maxItems: z.coerce.number().int().positive(),
    shippingFee: z.coerce.number().nonnegative(),
    database: z.object({ url: z.url(), pool: z.coerce.number().int().min(1).max(100) }),
  }),
  features: z.object({ expressShipping: flag }),
})

/** The configuration of the shop: `config.values.orders.maxItems` is a number, and a typo in it does not compile. */
export type ShopConfig = Config<z.infer<typeof schema>>
