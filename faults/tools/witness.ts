import { openBus, openTransport } from '@carillon/bus'

/** Hears every event and checks that what it names can be read from whoever sent it, at that moment and without a fetch. */
export interface Witness {
  readonly heard: () => number
  /** Events whose commit was read from the sender at once. */
  readonly read: () => number
  /** What was announced by a server that died meanwhile; checked once it is back. */
  readonly settle: () => Promise<void>
  readonly violations: () => readonly string[]
  readonly close: () => Promise<void>
}

export interface WitnessOptions {
  readonly bus: string
  readonly applications: readonly string[]
  readonly positionsOf: (commit: string) => readonly number[]
}

interface Claim {
  readonly server: string
  readonly application: string
  readonly commit: string
}

export function openWitness({ bus: url, applications, positionsOf }: WitnessOptions): Witness {
  const violations: string[] = []
  const pending: Claim[] = []
  const checks = new Set<Promise<void>>()
  let heard = 0
  let read = 0

  const check = async (claim: Claim, gone: (claim: Claim) => void): Promise<void> => {
    const answer = await fetch(`${claim.server}/${claim.application}/prod`).catch(() => undefined)
    const body = await answer?.text().catch(() => undefined)
    if (answer === undefined || body === undefined) return gone(claim)
    const commit = answer.headers.get('x-carillon-commit') ?? ''
    const served = positionsOf(commit).at(-1) ?? -1
    const announced = positionsOf(claim.commit)[0] ?? Number.POSITIVE_INFINITY
    if (answer.status === 200 && served >= announced) read++
    else violations.push(`${claim.server} announced ${claim.commit} (head ${announced}) and answered ${answer.status} with head ${served}`)
  }
  const bus = openBus({
    busId: 'witness:0:0',
    openTransport: (events) =>
      openTransport(url, { ...events, destination: 'springCloudBus', receives: 'events', timings: { longestDelay: 1000 } }),
    onEvent: () => undefined,
    onOverheard: ({ originService, destinationService }, { commits = [] }) => {
      const server = `http://127.0.0.1:${originService.split(':').at(-2)}`
      const named = applications.find((application) => destinationService?.startsWith(`${application}:`))
      for (const commit of commits) {
        heard++
        const checked = check({ server, application: named ?? applications[0] ?? '', commit }, (claim) => pending.push(claim))
        checks.add(checked)
        void checked.finally(() => checks.delete(checked))
      }
    },
  })
  return {
    heard: () => heard,
    read: () => read,
    settle: async () => {
      await Promise.all(checks)
      const claims = pending.splice(0)
      await Promise.all(claims.map((claim) => check(claim, () => violations.push(`${claim.server} cannot be asked for ${claim.commit}`))))
    },
    violations: () => violations,
    close: bus.close,
  }
}
