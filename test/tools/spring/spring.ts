import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findFreePort, type RunningServer, startServer } from '../servers.js'
import { buildClassPath, type SpringPart } from './class-path.js'

/** `config` is a settings file with Spring's own keys, `settings` are more of them; without `port` a free one is taken; `main` is one of the classes in src/. */
export interface SpringOptions {
  readonly config?: string
  readonly settings?: Readonly<Record<string, string>>
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
  readonly parts?: readonly SpringPart[]
  readonly main?: string
}

// Quick to start and small, for a machine that runs several of them; it is never measured against.
const quickStart = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xmx256m',
  '-Xshare:auto',
  '-Dspring.main.banner-mode=off',
  '-Dlogging.level.root=WARN',
  // Dates are written in the zone of the server.
  '-Duser.timezone=UTC',
]

/** Starts a real Spring application, by default the Spring Cloud Config Server (about 4.5 s), and waits for its first answer. Throws with the end of its log. */
export const startSpringServer = async (options: SpringOptions): Promise<RunningServer> => {
  const { config, settings = {}, env = {}, parts = ['config-server'], main = 'ConfigServer' } = options
  const port = options.port ?? (await findFreePort())
  const folder = mkdtempSync(join(tmpdir(), 'spring-peer-'))
  const server = await startServer({
    name: `Spring (${main})`,
    command: 'java',
    args: [
      ...quickStart,
      `-Djava.io.tmpdir=${folder}`,
      '-cp',
      buildClassPath(parts),
      main,
      ...(config === undefined ? [] : [`--spring.config.location=file:${resolve(config)}`]),
      `--server.port=${port}`,
      '--server.address=127.0.0.1',
      ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`),
    ],
    port,
    log: join(folder, 'spring.log'),
    // Java 17 names files in the locale's encoding.
    env: { LC_ALL: 'C.UTF-8', ...env },
  })
  const close = async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...server, close }
}
