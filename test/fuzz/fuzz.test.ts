import { expect } from 'chai'
import { findMissingTool } from '../tools/spring/class-path.js'
import { printDifference } from './report.js'
import { runFuzz } from './run.js'

describe('runFuzz', () => {
  it('finds Carillon and the real Spring Cloud Config Server of one mind about five seeds', async function () {
    // Five pairs of servers are started, and in a fresh checkout Spring is downloaded first.
    this.timeout(300_000)
    const { CI } = process.env
    const missing = findMissingTool()
    if (missing !== undefined) {
      if (CI === 'true') throw new Error(missing)
      console.log(`      skipped: ${missing}`)
      this.skip()
    }
    const result = await runFuzz({ seeds: 5, onDifference: (difference) => printDifference(difference, 'short') })
    expect(result.requests).to.be.greaterThan(150)
    expect(result.different, 'differences, printed above').to.equal(0)
  })
})
