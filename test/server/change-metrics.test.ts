import { join } from 'node:path'
import { expect } from 'chai'
import { type GitHttpServer, startGitHttp } from '../tools/git-http.js'
import { clearServing, newFolder, serve } from './http/serving.js'
import { clearStages, type Stage, stage } from './refresh/staging.js'
import { commit, eventually, makeRepository } from './trees/repositories.js'

const remotes: GitHttpServer[] = []

/** The samples of our own metrics, by name and labels; none of the process. */
async function samplesOf({ ask }: Pick<Stage, 'ask'>): Promise<Readonly<Record<string, number>>> {
  const { text } = await ask('/actuator/prometheus')
  const rows = text.split('\n').filter((line) => line.startsWith('carillon_'))
  return Object.fromEntries(rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ')))]))
}

async function open() {
  const root = newFolder()
  const work = makeRepository(join(root, 'one'), { 'application.yml': 'a: 1\n' })
  const remote = await startGitHttp({ root })
  remotes.push(remote)
  const uri = `${remote.url}/one/.git`
  const settings = ['git:', `  uri: ${uri.replace('//', '//ada:hidden@')}`, '  refresh-rate: -1', '  clone-on-start: true']
  const flags = { 'management.endpoints.web.exposure.include': 'prometheus,busrefresh', 'carillon.webhooks.secrets': 'known' }
  return { work, remote, uri, staged: await stage({ settings, flags }) }
}

describe('createChangeMetrics', () => {
  afterEach(async () => {
    await clearStages()
    for (const remote of remotes.splice(0)) await remote.close()
    await clearServing()
  })

  it('counts deliveries, looks, events and acks from a push to its end', async () => {
    const { work, uri, staged } = await open()
    const deliver = (token: string) => staged.ask('/webhooks/generic', { method: 'POST', headers: { 'x-carillon-token': token } })
    commit(work, { 'application.yml': 'a: 2\n' })
    await deliver('known')
    await deliver('forged')
    await staged.member.destinations(1)
    const acked = 'carillon_refresh_acks_total{outcome="plain"}'
    const samples = await eventually(
      () => samplesOf(staged),
      (all) => (all[acked] ?? 0) > 0,
    )
    expect(samples).to.include({
      'carillon_webhook_deliveries_total{provider="generic",outcome="accepted"}': 1,
      'carillon_webhook_deliveries_total{provider="generic",outcome="refused"}': 1,
      'carillon_refresh_published_total{event="refresh"}': 1,
      carillon_bus_connected: 1,
    })
    // One look at the start, one for the delivery; joining the bus is a reason for more.
    expect(samples[`carillon_git_fetch_duration_seconds_count{repo="${uri}",outcome="succeeded"}`]).to.be.at.least(2)
    const seen = samples[`carillon_git_last_success_timestamp_seconds{repo="${uri}"}`] ?? 0
    expect(Math.abs(seen - Date.now() / 1000)).to.be.below(60)
  })

  it('counts looks that fail, beside the time of the last that did not', async () => {
    const { remote, uri, staged } = await open()
    const failed = `carillon_git_fetch_duration_seconds_count{repo="${uri}",outcome="failed"}`
    const failing = async (times: number) => {
      await staged.ask('/webhooks/generic', { method: 'POST', headers: { 'x-carillon-token': 'known' } })
      return eventually(
        () => samplesOf(staged),
        (all) => (all[failed] ?? 0) >= times,
      )
    }
    remote.behave({ kind: 'break' })
    const [first, second] = [await failing(1), await failing(2)]
    const last = `carillon_git_last_success_timestamp_seconds{repo="${uri}"}`
    expect(first[last]).to.be.above(0)
    expect(second[last]).to.equal(first[last])
  })

  it('says nothing of a bus where there is none', async () => {
    const { ask } = await serve({ flags: { 'management.endpoints.web.exposure.include': 'prometheus' } })
    expect(Object.keys(await samplesOf({ ask }))).to.not.include('carillon_bus_connected')
  })
})
