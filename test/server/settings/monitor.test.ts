import { expect } from 'chai'
import type { MonitorSettings } from '../../../server/src/settings/settings.js'
import { type Given, load, problemOf, server } from './input.js'

const monitor = (given: Partial<Given> = {}, ...lines: readonly string[]): MonitorSettings =>
  load({ yml: [server(), ...lines].join('\n'), ...given }).settings.monitor

describe('monitorSettings', () => {
  it('reads every host, checks nothing and looks at every branch unless told otherwise', () => {
    expect(monitor()).to.deep.equal({ path: '/monitor', disabled: [], ignoredPaths: [], secrets: [], branches: [], tolerance: 300 })
  })

  it("takes Spring's keys", () => {
    const keys = ['monitor.github.enabled: false', 'monitor.gogs.enabled: false', 'monitor.ignored-paths: [".*[.]md", "docs/.*"]']
    const { disabled, ignoredPaths } = monitor({ yml: server(...keys) })
    expect({ disabled, ignoredPaths }).to.deep.equal({ disabled: ['github', 'gogs'], ignoredPaths: ['.*[.]md', 'docs/.*'] })
  })

  for (const before of ['hooks', '/hooks', '/hooks/', 'hooks/']) {
    it(`puts ${before} before /monitor`, () => {
      expect(monitor({}, `spring.cloud.config.monitor.endpoint.path: ${before}`).path).to.equal('/hooks/monitor')
    })
  }

  it('takes ours, from the environment too', () => {
    const env = { CARILLON_WEBHOOKS_SECRETS: 'new,old', CARILLON_WEBHOOKS_BRANCHES_0: 'main', CARILLON_WEBHOOKS_TOLERANCE: '60' }
    const { secrets, branches, tolerance } = monitor({ env })
    expect({ secrets, branches, tolerance }).to.deep.equal({ secrets: ['new', 'old'], branches: ['main'], tolerance: 60 })
  })

  it('never shows a secret', () => {
    const { provenance } = load({ yml: `${server()}\ncarillon.webhooks.secrets: [hush]` })
    expect(JSON.stringify(provenance)).not.to.include('hush')
  })

  const problems: readonly (readonly [string, string, RegExp])[] = [
    ['an empty secret', 'carillon.webhooks.secrets: [a, ""]', /^invalid-settings: .*carillon\.webhooks\.secrets: one is empty/s],
    ['an empty list of secrets', 'carillon.webhooks.secrets: ""', /carillon\.webhooks\.secrets: one is empty/],
    ['a tolerance of nothing', 'carillon.webhooks.tolerance: 0', /carillon\.webhooks\.tolerance.*at least 1/],
    [
      'a pattern that does not compile',
      'spring.cloud.config.server.monitor.ignored-paths: "("',
      /ignored-paths: got "\(", expected a regular/,
    ],
    ['a host that nobody knows', 'spring.cloud.config.server.monitor.githib.enabled: false', /nearest is .*monitor\.github\.enabled/],
  ]
  for (const [what, line, message] of problems) {
    it(`refuses ${what}`, () => expect(problemOf({ yml: `${server()}\n${line}` })).to.match(message))
  }
})
