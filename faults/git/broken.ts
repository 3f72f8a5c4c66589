import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createHealth } from '../../server/src/health.js'
import { createAccess } from '../../server/src/http/access.js'
import { createApp } from '../../server/src/http/app.js'
import { createMetrics } from '../../server/src/http/metrics.js'
import { loadSettings } from '../../server/src/settings/load.js'
import { openBackend, type TreeOpeners } from '../../server/src/sources/backends.js'
import { createBadFiles } from '../../server/src/sources/bad-files.js'
import { createComposite } from '../../server/src/sources/composite.js'
import type { SourceContext } from '../../server/src/sources/context.js'
import { strictViews } from '../../server/src/sources/effective.js'
import { createMemo } from '../../server/src/sources/memo.js'
import { createParsedFiles } from '../../server/src/sources/parsed-files.js'
import { noSecrets } from '../../server/src/sources/secrets.js'
import type { Source } from '../../server/src/sources/source.js'
import { type GitTree, openGitTree } from '../../server/src/trees/git/index.js'
import { openNativeTree } from '../../server/src/trees/native/index.js'
import { openFolder, type Place } from './places.js'
import { openWriter } from './writer.js'

/** Whether a tree stays at the snapshot that it is asked for, as it must, or looks the label up again for each file. */
export type Reading = 'at the snapshot' | 'at the label'

/** As of a disk that takes its time: what can go wrong between two files has room to. */
const SLOW = 3

/** A server of our own parts, in this process, over a slow tree that can be broken on purpose. */
export async function openWrapped(reading: Reading): Promise<Place> {
  const folder = openFolder()
  const writer = await openWriter(folder.path, 'left')
  const source = openSource(writer.remote, reading)
  const health = createHealth({
    source,
    badFiles: createBadFiles({ onBad: () => undefined }),
    repositories: () => [],
    bus: () => undefined,
    isClosing: () => false,
  })
  const app = createApp({
    source,
    secrets: noSecrets,
    acceptEmpty: true,
    stripDocumentFromYaml: true,
    prefix: '',
    exposure: [],
    access: createAccess([]),
    health,
    metrics: createMetrics(),
    onFailure: () => undefined,
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writers: [writer],
    hint: async () => undefined,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await source.close()
      folder.remove()
    },
  }
}

function openSource(repository: string, reading: Reading): Source {
  const yml = `spring.cloud.config.server.git:\n  uri: file://${repository}\n  search-paths: deep\n`
  const { settings } = loadSettings({ file: { path: 'a.yml', bytes: Buffer.from(yml) }, env: {}, flags: new Map(), probe: () => 'absent' })
  const context: SourceContext = {
    parsed: createParsedFiles(),
    environments: createMemo({ maxBytes: 1_000_000, weigh: () => 100 }),
    effective: strictViews,
    locationOrder: 'listed',
    onTrouble: () => undefined,
  }
  const trees: TreeOpeners = {
    git: (found, uri) => wrap(openGitTree({ ...found, uri, folder: '' }), reading),
    native: (native) => openNativeTree({ folder: native }),
  }
  const members = settings.backends.map((backend) => openBackend(backend, { trees, context, workingFolder: '/' }))
  return createComposite({ members, onFailure: 'fail', locationOrder: 'listed', onTrouble: () => undefined })
}

function wrap(tree: GitTree, reading: Reading): GitTree {
  return {
    ...tree,
    read: async (snapshot, path) => {
      await pause(SLOW)
      const at = reading === 'at the snapshot' ? snapshot : ((await tree.snapshot('main')) ?? snapshot)
      return tree.read(at, path)
    },
  }
}
