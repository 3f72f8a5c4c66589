import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type GitHttpServer, startGitHttp } from '../../test/tools/git-http.js'
import { findFreePort } from '../../test/tools/servers.js'
import { type Cause, type Member, openMember, type Running } from './member.js'
import { makeRepository, type Repository } from './repository.js'
import { type MortalServer, prepareServer } from './server.js'
import { openWitness, type Witness } from './witness.js'

export interface RigOptions {
  /** The broker as servers reach it, and as instances do. */
  readonly bus: string
  readonly memberBus?: string
  readonly servers: number
  readonly members: number
  /** Where nothing happens to the bus, news that a poll brought and the bus never did are announcements that were lost. */
  readonly polls: 'counted' | 'forbidden'
}

/** What was counted. */
export interface Tally {
  readonly commits: number
  readonly converged: number
  readonly milliseconds: readonly number[]
  readonly news: Readonly<Record<Cause, number>>
  readonly gaveUp: number
  readonly heard: number
  readonly read: number
  readonly violations: readonly string[]
}

/** Everything between a commit and the instances that run it, and a judge beside them. */
export interface Rig {
  readonly repository: Repository
  /** One for all: its address is part of what a view means. */
  readonly git: GitHttpServer
  readonly servers: readonly MortalServer[]
  readonly members: readonly Member[]
  /** Another value for an application, or for all, in turns; and the hint that a host would send. */
  readonly commit: () => Promise<void>
  /** A signed webhook to one living server, in turns, as through a balancer; the status, 0 where there is none. */
  readonly hint: (options?: HintOptions) => Promise<number>
  /** Waits until every instance runs what its view has at the head; a violation where that takes too long. */
  readonly converge: (after: string) => Promise<void>
  /** Waits until everybody is on the bus. */
  readonly connected: () => Promise<void>
  readonly fail: (violation: string) => void
  readonly violations: () => readonly string[]
  /** Announcements that were heard so far. */
  readonly heard: () => number
  readonly close: () => Promise<Tally>
}

export interface HintOptions {
  readonly token?: string
  readonly id?: string
  readonly commit?: string
}

const APPLICATIONS = ['orders', 'billing', 'shop', 'stock'] as const
const SECRET = 'a secret of the rig'
const POLL = 4_000
/** Longer than a missed heartbeat, a reconnection and two polls (ms). */
const PATIENCE = 90_000

export async function openRig({ bus, memberBus = bus, servers: serverCount, members: memberCount, polls }: RigOptions): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-faults-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.once('exit', remove)
  const repository = await makeRepository(folder, APPLICATIONS)
  const git = await startGitHttp({ root: folder })
  const servers: MortalServer[] = []
  for (let index = 0; index < serverCount; index++) {
    const port = await findFreePort()
    const args = [`${git.url}/remote.git`, '--bus', bus, '--set', `carillon.webhooks.secrets=${SECRET}`]
    servers.push(prepareServer({ folder, port, args }))
  }
  for (const server of servers) if (!(await server.start())) throw new Error(`the server does not start:\n${server.log()}`)
  const violations: string[] = []
  const positions = new Map<string, number>()
  const members = Array.from({ length: memberCount }, (_, index) => {
    const application = APPLICATIONS[index % APPLICATIONS.length] ?? 'orders'
    const onMove = (from: Running | undefined, to: Running): void => {
      const move = judge(repository, positions.get(key) ?? 0, to)
      if (typeof move === 'string') violations.push(`${key} ran ${from?.commit}: ${move}`)
      else positions.set(key, move)
    }
    const key = `${application}-${index}`
    return openMember({ application, index, bus: memberBus, servers: () => servers.map(({ url }) => url), poll: POLL, onMove })
  })
  const witness = openWitness({ bus, applications: APPLICATIONS, positionsOf: repository.positionsOf })
  const milliseconds: number[] = []
  let commits = 0
  let hints = 0
  let converged = 0
  let allowed = 0

  const hint: Rig['hint'] = async ({ token = SECRET, id, commit = repository.head().commit } = {}) => {
    const headers = { 'content-type': 'application/json', 'x-carillon-token': token, ...(id && { 'idempotency-key': id }) }
    const body = JSON.stringify({ repository: `${git.url}/remote.git`, ref: 'refs/heads/main', commit })
    const send = ({ url }: MortalServer): Promise<number> =>
      fetch(`${url}/webhooks/generic`, { method: 'POST', headers, body }).then(
        ({ status }) => status,
        () => 0,
      )
    const alive = servers.filter((server) => server.isAlive())
    const server = alive[hints++ % alive.length]
    return server === undefined ? 0 : send(server)
  }
  const rig: Rig = {
    repository,
    git,
    servers,
    members,
    hint,
    commit: async () => {
      const turn = commits++
      const names = ['application', ...APPLICATIONS]
      await repository.commit({ [names[turn % names.length] ?? 'application']: String(turn + 1) })
      await hint()
    },
    converge: async (after) => {
      const started = performance.now()
      const inTime = (): boolean => performance.now() - started < PATIENCE
      const waitFor = async (isThere: (member: Member) => boolean): Promise<void> => {
        while (inTime() && !members.every(isThere)) await pause(5)
      }
      await waitFor((member) => hasValues(member, repository))
      milliseconds.push(performance.now() - started)
      // Only now: to be asked for a commit that it lacks would make a server fetch.
      const digests = await expectedDigests(rig, inTime)
      const isAtHead = (member: Member): boolean =>
        hasValues(member, repository) && member.running()?.digest === digests.get(member.application)
      await waitFor(isAtHead)
      const behind = members.filter((member) => !isAtHead(member)).map(describe)
      if (behind.length === 0) converged++
      else violations.push(`after ${after}: head ${repository.head().position} ${repository.head().commit}, but ${behind.join('; ')}`)
      await witness.settle()
      if (polls === 'counted') return
      while (inTime() && members.some((member) => member.isOwed())) await pause(20)
      const untold = members.reduce((sum, member) => sum + member.news().poll, 0)
      if (untold > allowed) violations.push(`after ${after}: ${untold - allowed} news came by polls, and the bus never told of them`)
      allowed = untold
    },
    connected: async () => {
      for (const until = Date.now() + PATIENCE; members.some((member) => !member.isConnected()); await pause(10)) {
        if (Date.now() > until) throw new Error('the instances do not reach the broker')
      }
    },
    fail: (violation) => violations.push(violation),
    violations: () => [...violations, ...witness.violations()],
    heard: witness.heard,
    close: async () => {
      const tally = tallyOf({ members, witness, commits, converged, milliseconds, violations })
      await Promise.all([...members.map((member) => member.close()), witness.close(), ...servers.map((server) => server.kill())])
      await git.close()
      process.off('exit', remove)
      if (tally.violations.length === 0) remove()
      return tally
    },
  }
  await rig.connected()
  await rig.converge('the start')
  return rig
}

/** The next position of an instance, or what is wrong with the move: what was published only before cannot be new. */
function judge(repository: Repository, position: number, to: Running): number | string {
  const all = repository.positionsOf(to.commit)
  const next = all.find((each) => each >= position)
  if (next !== undefined) return next
  return `it was moved back from head ${position} to ${to.commit}, head ${all.join(' and ')}`
}

/** What the views mean at the head, asked by the commit's own id: the label plays no part. */
async function expectedDigests({ repository, servers }: Rig, inTime: () => boolean): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const { commit } = repository.head()
  const ask = async (application: string, { url }: MortalServer): Promise<void> => {
    const answer = await fetch(`${url}/${application}/prod/${commit}`).catch(() => undefined)
    await answer?.arrayBuffer().catch(() => undefined)
    const digest = answer?.status === 200 ? answer.headers.get('x-carillon-digest') : undefined
    if (digest) found.set(application, digest)
  }
  for (; found.size < APPLICATIONS.length && inTime(); await pause(20)) {
    await Promise.all(APPLICATIONS.flatMap((application) => servers.map((server) => ask(application, server))))
  }
  return found
}

function hasValues(member: Member, repository: Repository): boolean {
  const running = member.running()
  const { values } = repository.head()
  return (
    running !== undefined &&
    running.values.get('value') === values.get(member.application) &&
    running.values.get('shared') === values.get('application')
  )
}

function describe(member: Member): string {
  return `${member.name} at ${member.running()?.commit} (${member.isConnected() ? 'on' : 'off'} the bus; ${member.trouble()})`
}

interface Counted extends Pick<Tally, 'commits' | 'converged' | 'milliseconds'> {
  readonly members: readonly Member[]
  readonly witness: Witness
  readonly violations: readonly string[]
}

function tallyOf({ members, witness, violations, ...counted }: Counted): Tally {
  const sum = (pick: (member: Member) => number): number => members.reduce((total, member) => total + pick(member), 0)
  const news = (cause: Cause): number => sum((member) => member.news()[cause])
  return {
    ...counted,
    news: { start: news('start'), bus: news('bus'), reconnect: news('reconnect'), poll: news('poll'), away: news('away') },
    gaveUp: sum((member) => member.gaveUp()),
    heard: witness.heard(),
    read: witness.read(),
    violations: [...violations, ...witness.violations()],
  }
}
