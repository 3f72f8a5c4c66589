import { ServerError } from '../errors.js'
import { nearestNames } from '../nearest.js'
import type { RepositorySettings } from '../settings/settings.js'
import type { Tree } from '../trees/tree.js'

export interface LabelledRepository {
  readonly settings: Pick<RepositorySettings, 'defaultLabel'>
  /** Without credentials. */
  readonly uri: string
  readonly tree: Pick<Tree, 'labels'>
}

/** The error of a label that a repository lacks, with those that may have been meant. */
export async function noSuchLabel({ settings, uri, tree }: LabelledRepository, label: string): Promise<ServerError> {
  const hint =
    label === settings.defaultLabel ? ` '${label}' is the default label; spring.cloud.config.server.git.default-label names another.` : ''
  const proposal = await tree.labels().then(
    (labels) => proposalOf(labels, label),
    () => '',
  )
  return new ServerError('no-such-label', `No such label: ${uri} has no branch, tag or commit '${label}'.${proposal}${hint}`)
}

/** How many labels are proposed. */
const MOST = 3

/** A third of the letters may be wrong: beyond that, it is another word. */
function proposalOf(labels: readonly string[], label: string): string {
  // A tag of this name may exist and name no commit.
  const others = labels.filter((name) => name !== label)
  const near = nearestNames(label, others, { within: Math.ceil(label.length / 3), most: MOST })
  if (near.length > 0) return ` Did you mean ${listed(near, 'or')}?`
  if (labels.length === 0) return ' It has neither branches nor tags.'
  return labels.length <= MOST ? ` It has only ${listed(labels, 'and')}.` : ''
}

function listed(labels: readonly string[], link: 'and' | 'or'): string {
  return labels.map((label) => `'${label}'`).join(` ${link} `)
}
