import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'

const script = join(import.meta.dirname, '../../scripts/brokers.mjs')
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env: { ...process.env, ...env } })
  return { status, stdout, stderr }
}
const named = { RABBITMQ_URL: 'amqp://me:s3cret@rabbit.test:5672', KAFKA_BROKERS: 'one.test:9092,two.test:9092' }

describe('npm run brokers', () => {
  for (const args of [[], ['start'], ['constructor']])
    it(`refuses ${JSON.stringify(args)} and names the commands`, () => {
      const { status, stderr } = run(args)
      expect(status).to.equal(2)
      expect(stderr).to.match(/expected one of: up, down, status/)
    })

  for (const command of ['up', 'status'])
    it(`${command} takes the brokers that are named, without their passwords on the screen`, () => {
      const { status, stdout } = run([command], named)
      expect(status).to.equal(0)
      expect(stdout.trim().split('\n').sort()).to.deep.equal([
        'kafka      kafka://one.test:9092,two.test:9092  named by KAFKA_BROKERS',
        'rabbitmq   amqp://rabbit.test:5672  named by RABBITMQ_URL',
      ])
    })
})
