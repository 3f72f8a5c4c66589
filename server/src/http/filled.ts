import { ServerError } from '../errors.js'
import { type ConfigRequest, commitsOf, type Found, type FoundFile, type Source } from '../sources/source.js'

/** A plain-text file and the environment of the same request. */
export interface Filled {
  readonly file: FoundFile
  readonly environment: Found
}

const ATTEMPTS = 5

/**
 * Finds a file and what fills in its placeholders, both of the same commits: where a label moves between the two looks, both look again. `undefined` where
 * there is no such file; throws `snapshot-gone` where the label never stands still.
 */
export async function findFilled(source: Source, request: ConfigRequest, path: string): Promise<Filled | undefined> {
  for (let attempt = 1; ; attempt++) {
    const file = await source.findFile(request, path)
    if (file === undefined) return undefined
    const environment = await source.find(request)
    const filled = { file, environment }
    if (isOfOneMoment(filled)) return filled
    if (attempt < ATTEMPTS) continue
    // A repository of a pattern may give the file of one label and the environment of another, as Spring's does; and a member of a composite only its file.
    if (file.pins.every((pin) => pin.isCurrent())) return filled
    throw new ServerError('snapshot-gone', `The label moved each time while ${path} and its environment were read: ask again.`, {
      file: path,
    })
  }
}

function isOfOneMoment({ file, environment }: Filled): boolean {
  const { served } = commitsOf(environment.pins)
  return commitsOf(file.pins).served.every((commit) => served.includes(commit))
}
