import { expect } from 'chai'
import { z } from 'zod'
import { type Config, load } from '../../client/src/index.js'
import { clearServing, type Serving, serve } from '../server/http/serving.js'
import { git } from '../server/trees/repositories.js'

const schema = z.object({ k: z.number() })
type Loaded = Config<z.infer<typeof schema>>

describe('load, where a commit cannot be served', () => {
  const open: Loaded[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((config) => config.close()))
    await clearServing()
  })

  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const start = async ({ url }: Serving): Promise<Loaded> => {
    const config = await load({
      uri: url,
      schema,
      name: 'orders',
      local: { env: false, argv: false },
      refresh: { pollMs: 0, debounceMs: 0 },
      logger,
    })
    open.push(config)
    return config
  }

  it('keeps its values, says that it is behind and what it waits for, and goes on when that is mended', async () => {
    const server = await serve({ files: { 'orders.yml': 'k: 1' } })
    const good = git(server.repository, 'rev-parse', 'HEAD')
    const config = await start(server)
    const seen: unknown[] = []
    config.on('status', ({ stale, wanted }) => seen.push([stale, wanted?.commit]))
    const bad = server.commit({ 'orders.yml': 'k: [' })
    await server.seen(bad)
    for (let count = 0; count < 2; count++) expect(await config.refresh()).to.include({ status: 'unchanged' })
    expect(config.status).to.deep.include({ stale: true, wanted: { commit: bad, label: '', digest: '' } })
    expect([config.version.commit, config.get('k'), config.health().status]).to.deep.equal([good, 1, 'DEGRADED'])

    const late = await start(server)
    expect([late.get('k'), late.version.commit, late.status.stale, late.status.wanted?.commit]).to.deep.equal([1, good, true, bad])

    const mended = server.commit({ 'orders.yml': 'k: 1' })
    await server.seen(mended)
    expect(await config.refresh()).to.include({ status: 'unchanged' })
    expect(config.status).to.include({ stale: false }).and.not.to.have.property('wanted')
    expect([config.version.commit, config.health().status]).to.deep.equal([mended, 'UP'])
    expect(seen).to.deep.equal([
      [true, bad],
      [false, undefined],
    ])
  })
})
