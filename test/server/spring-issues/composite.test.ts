import { join } from 'node:path'
import { expect } from 'chai'
import { type GitHttpServer, startGitHttp } from '../../tools/git-http.js'
import { type Answered, ask, clearServing, newFolder, start } from '../http/serving.js'
import { eventually, git, makeRepository, write } from '../trees/repositories.js'

const codeOf = ({ text }: Answered) => (JSON.parse(text) as { code?: string }).code
const valuesOf = ({ text }: Answered): readonly unknown[] =>
  (JSON.parse(text) as { propertySources: readonly { source: { from: string } }[] }).propertySources.map(({ source }) => source.from)

describe("Spring's issues: composites and patterns", () => {
  const closings: Array<() => Promise<void>> = []
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close()
    await clearServing()
  })

  /** Repositories `one` and `two` on a Git host, and a plain folder `three`. */
  async function openHost(): Promise<{ readonly folder: string; readonly host: GitHttpServer }> {
    const folder = newFolder()
    for (const name of ['one', 'two']) makeRepository(join(folder, name), { 'shop.yml': `from: ${name}\n` })
    write(join(folder, 'three'), { 'shop.yml': 'from: three\n' })
    const host = await startGitHttp({ root: folder })
    closings.push(host.close)
    return { folder, host }
  }

  async function startOver(folder: string, lines: readonly string[], flags: Readonly<Record<string, string>> = {}) {
    const server = await start(['spring.cloud.config.server:', ...lines.map((line) => `  ${line}`)].join('\n'), folder, flags)
    closings.push(server.close)
    const port = Number(new URL(server.url).port)
    return { log: server.log, ask: (target: string) => ask(port, target) }
  }

  const members = (folder: string, url: string): readonly string[] => [
    'composite:',
    `  - {type: git, uri: "${url}/one/.git", timeout: 1, refresh-rate: 1}`,
    `  - {type: git, uri: "${url}/two/.git", timeout: 1, refresh-rate: 1}`,
    `  - {type: native, search-locations: "file://${folder}/three"}`,
  ]
  const composite = { 'spring.profiles.active': 'composite' }

  it('#1519, #1213, #2095: a label that one member lacks fails the answer, unless fail-on-composite-error is off', async () => {
    const { folder, host } = await openHost()
    git(join(folder, 'one'), 'branch', 'only-here')
    const strict = await startOver(folder, members(folder, host.url), composite)
    await eventually(
      () => strict.ask('/shop/dev'),
      ({ status }) => status === 200,
    )
    expect(valuesOf(await strict.ask('/shop/dev'))).to.deep.equal(['one', 'two', 'three'])
    const failed = await strict.ask('/shop/dev/only-here')
    expect([failed.status, codeOf(failed)]).to.deep.equal([404, 'no-such-label'])
    const lenient = await startOver(folder, ['fail-on-composite-error: false', ...members(folder, host.url)], {
      ...composite,
      'carillon.data-folder': join(folder, 'lenient'),
    })
    const found = await eventually(
      () => lenient.ask('/shop/dev/only-here'),
      ({ status }) => status === 200,
    )
    expect(valuesOf(found)).to.deep.equal(['one', 'three'])
    for (const _ of [1, 2, 3]) await lenient.ask('/shop/dev/only-here')
    expect(lenient.log.filter((line) => line.includes("no branch, tag or commit 'only-here'"))).to.have.length(1)
  })

  it('a broken member never hides the others where it may be left out, has a health of its own, and is back when it is mended', async () => {
    const { folder, host } = await openHost()
    const away = await startGitHttp({ root: folder })
    await away.vanish()
    const lines = members(folder, host.url).map((line) => line.replace(`${host.url}/one`, `${away.url}/one`))
    const server = await startOver(folder, ['fail-on-composite-error: false', ...lines], composite)
    const found = await eventually(
      () => server.ask('/shop/dev'),
      ({ status }) => status === 200,
    )
    expect(valuesOf(found)).to.deep.equal(['two', 'three'])
    const health = JSON.parse((await server.ask('/actuator/health')).text) as {
      components: { git: { details: Record<string, { state: string }> } }
    }
    const states = Object.entries(health.components.git.details).map(([uri, { state }]) => [new URL(uri).pathname, state])
    expect(states).to.have.deep.members([
      ['/one/.git', 'failed'],
      ['/two/.git', 'ready'],
    ])
    await away.comeBack()
    closings.push(away.close)
    await eventually(
      () => server.ask('/shop/dev'),
      (answer) => valuesOf(answer).join() === 'one,two,three',
    )
  })

  it('a member that clones for the first time is waited for, whatever may be left out', async () => {
    const { folder, host } = await openHost()
    host.behave({ kind: 'hang' })
    const lines = members(folder, host.url).map((line) => line.replace('timeout: 1', 'timeout: 30'))
    const server = await startOver(folder, ['fail-on-composite-error: false', ...lines], composite)
    const answer = await server.ask('/shop/dev')
    expect([answer.status, codeOf(answer)]).to.deep.equal([503, 'not-ready'])
  })

  it('each repository of a pattern, and each label and user of one repository, has a state and a health of its own', async () => {
    const { folder, host } = await openHost()
    git(join(folder, 'two'), 'branch', 'release')
    const server = await startOver(folder, [
      'git:',
      `  uri: ${host.url}/one/.git`,
      '  repos:',
      `    a: {pattern: "a*", uri: "${host.url}/two/.git"}`,
      `    b: {pattern: "b*", uri: "${host.url}/two/.git", default-label: release}`,
      `    c: {pattern: "c*", uri: "http://127.0.0.1:1/none.git", timeout: 1}`,
    ])
    const states = async () => {
      const { components } = JSON.parse((await server.ask('/actuator/health')).text) as {
        components: { git: { details: Record<string, { state: string }> } }
      }
      return Object.values(components.git.details).map(({ state }) => state)
    }
    const settled = await eventually(states, (found) => !found.includes('cloning'))
    expect(settled.toSorted()).to.deep.equal(['failed', 'ready', 'ready', 'ready'])
    for (const [target, status] of [
      ['/shop/dev', 200],
      ['/a/dev', 200],
      ['/b/dev', 200],
    ] as const)
      expect((await server.ask(target)).status, target).to.equal(status)
  })
})
