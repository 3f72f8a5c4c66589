import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { loadSettings } from '../../server/src/settings/load.js'
import { type RunningServer, startServer } from '../../server/src/server.js'
import { buildRepositories } from '../tools/fixture-repositories.js'
import { ask, comparable, isAsGood, neutral, type RecordedAnswer, type RecordedCase } from './answers.js'
import { explained } from './explained.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const REQUIRED = 0.98

const read = async <Value>(folder: string, group: string): Promise<Value> => JSON.parse(await readFile(join(here, folder, `${group}.json`), 'utf8')) as Value
const groups = (await readdir(join(here, 'cases'))).map((file) => file.replace('.json', ''))
const recordings = await Promise.all(
  groups.map(async (group) => ({ group, cases: await read<RecordedCase[]>('cases', group), answers: await read<RecordedAnswer[]>('answers', group) })),
)

describe('the recorded answers of Spring Cloud Config Server', () => {
  const running = new Map<string, Promise<RunningServer>>()
  const equal = new Map<string, number>()
  let folder: string

  const serverOf = async (name: string): Promise<RunningServer> => {
    const path = join(here, 'servers', `${name}.yml`)
    const env = { CONF_REPOS: join(folder, 'repositories'), CONF_SECURE: join(here, 'secure'), CARILLON_DATA_FOLDER: join(folder, 'data', name) }
    const flags = new Map([['server.port', '0']])
    const { settings } = loadSettings({ file: { path, bytes: await readFile(path) }, env, flags, probe: () => 'absent' })
    const silent = { info: () => {}, warn: () => {}, error: () => {} }
    return startServer({ settings, log: silent, workingFolder: folder })
  }

  const answerOf = async (request: RecordedCase): Promise<RecordedAnswer> => {
    const started = running.get(request.server) ?? serverOf(request.server)
    running.set(request.server, started)
    const { url } = await started
    return neutral(await ask(Number(new URL(url).port), request), join(folder, 'repositories'))
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-conformance-'))
    await buildRepositories(join(here, 'fixtures'), join(folder, 'repositories'))
  })

  after(async () => {
    for (const server of running.values()) await (await server).close()
    await rm(folder, { recursive: true, force: true })
  })

  for (const { group, cases, answers } of recordings) {
    describe(group, () => {
      for (const [index, request] of cases.entries()) {
        const recorded = answers[index] as RecordedAnswer
        const name = [group, request.get, request.headers?.accept].filter((part) => part !== undefined).join(' ')
        const difference = explained.get(name)
        it(`${index} ${request.server} ${request.method ?? 'GET'} ${request.get.slice(0, 80)} ${difference === undefined ? '' : `(${difference.why})`}`, async () => {
          const answer = await answerOf(request)
          if (difference !== undefined) return expect(answer.status).to.equal(difference.status)
          if (!isAsGood(recorded, answer, request)) expect(comparable(answer)).to.deep.equal(comparable(recorded))
          equal.set(group, (equal.get(group) ?? 0) + 1)
        })
      }
    })
  }

  describe('in sum', () => {
    it('are met in every group, but for the differences that the compatibility page explains', () => {
      const rows = recordings.map(({ group, cases }) => ({ group, equal: equal.get(group) ?? 0, of: cases.length }))
      console.log(rows.map((row) => `      ${row.group}: ${row.equal} of ${row.of}`).join('\n'))
      // Two recorded answers of this small group are Git's own files.
      const low = rows.filter((row) => row.equal < REQUIRED * row.of && !(row.group === 'resources' && row.of - row.equal === 2))
      expect(low).to.deep.equal([])
    })
  })
})
