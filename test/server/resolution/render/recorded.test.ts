import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { ServerError } from '../../../../server/src/errors.js'
import { type Format, render } from '../../../../server/src/resolution/render/index.js'
import { sourcesOf, type Written } from './sources.js'

interface Recorded {
  readonly sources: Readonly<Record<string, readonly (readonly (readonly [string, Written])[])[]>>
  readonly cases: readonly { get: string; sources: string; format: Format; keep: boolean; status: number; body?: string }[]
}

// what Spring Cloud Config Server 5.0.1 answered, with the flat sources that its environment endpoint showed
const recorded: Recorded = JSON.parse(readFileSync(new URL('fixtures/recorded.json', import.meta.url), 'utf8'))

describe('render, as recorded', () => {
  for (const { get, sources, format, keep, status, body } of recorded.cases) {
    const work = () =>
      render(format, sourcesOf(recorded.sources[sources] ?? []), { placeholders: keep ? 'keep' : 'resolve', document: 'strip' })
    if (status === 200) it(`${get} is the same text`, () => expect(work()).to.equal(body))
    if (status === 400)
      it(`${get} is refused`, () =>
        expect(work).to.throw(ServerError).with.property('code').that.is.oneOf(['invalid-key', 'circular-placeholder']))
    if (status === 500) it(`${get} has an answer, where Spring has none`, () => expect(work()).to.be.a('string'))
  }
})
