import { expect } from 'chai'
import { brokerSettings } from '../interop/broker-settings.js'
import { clearServing, type Serving, serve } from '../server/http/serving.js'
import { eventually, makeScratch } from '../server/trees/repositories.js'
import { useBroker } from '../tools/brokers.js'
import { commandsOf } from './commands.js'

const scratch = makeScratch()
const { run } = commandsOf(scratch)

for (const name of ['rabbitmq', 'kafka'] as const) {
  describe(`carillon run --bus, ${name}`, () => {
    let server: Serving
    let url: string

    before(async function () {
      const broker = await useBroker(this, name)
      if (broker === undefined) return
      url = broker.url
      server = await serve({ files: { 'shop.yml': 'pool: 1\n' }, flags: brokerSettings(url) })
    })
    afterEach(() => scratch.clear())
    after(clearServing)

    it('is told of a change, without asking', async () => {
      const program = 'trap "exit 6" TERM; echo "start $POOL"; while :; do sleep 0.02; done'
      const options = { cwd: scratch.folder(), env: { CARILLON_URI: server.url, CARILLON_BUS_URL: url } }
      const running = run(['run', '-a', 'shop', '--poll', '0', '--', 'sh', '-c', program], options)
      await eventually(running.out, (out) => out.includes('start 1'))
      server.commit({ 'shop.yml': 'pool: 2\n' })
      await eventually(running.out, (out) => out.includes('start 2'), 30_000)
      running.child.kill('SIGTERM')
      expect(await running.ended).to.include({ code: 6, out: 'start 1\nstart 2\n' })
    })
  })
}
