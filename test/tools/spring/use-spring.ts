import { buildClassPath, findMissingTool, type SpringPart } from './class-path.js'

/** In a fresh checkout Spring is downloaded first. */
const TIME_TO_BUILD = 300_000

/** For `before`: builds the class paths that a suite needs, or skips it with a reason; where everything must be there (CI=true), throws the reason instead. */
export function useSpring(suite: Mocha.Context, classPaths: readonly (readonly SpringPart[])[]): void {
  suite.timeout(TIME_TO_BUILD)
  const missing = findMissingTool()
  if (missing === undefined) {
    for (const parts of classPaths) buildClassPath(parts)
    return
  }
  if (process.env.CI === 'true') throw new Error(missing)
  process.stderr.write(`      skipped: ${missing}\n`)
  suite.skip()
}
