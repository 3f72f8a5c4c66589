import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { installPackages } from '../../scripts/brokers/install.mjs'
import { findFreePort } from './servers.js'

/** OpenSSH's server on loopback, for the user who runs the tests; with a host key and accepted keys of its own. */
export interface SshServer {
  /** `ssh://user@127.0.0.1:port` */
  readonly url: string
  readonly user: string
  readonly port: number
  readonly hostKey: { readonly algorithm: string; readonly key: string }
  /** A file of known hosts that names this one. */
  readonly knownHostsFile: string
  /** PEM texts: one that is accepted, one that takes the passphrase `open sesame`, one whose commands hang, one that nobody knows. */
  readonly keys: Readonly<Record<'plain' | 'guarded' | 'hanging' | 'unknown', string>>
  close(): Promise<void>
}

export const PASSPHRASE = 'open sesame'

const SSHD = '/usr/sbin/sshd'

/** For `before`: a running server, or `undefined` after the suite was marked as skipped, with a reason. The first call may install it. */
export async function useSsh(suite: Mocha.Context): Promise<SshServer | undefined> {
  suite.timeout(300_000)
  try {
    if (!existsSync(SSHD)) installPackages(['openssh-server'], { say: (text) => console.error(text), fetch: 'missing' })
  } catch (error) {
    console.error((error as Error).message)
    suite.skip()
    return undefined
  }
  return startSsh()
}

async function startSsh(): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-sshd-'))
  // Debian's wants this folder when root starts it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const port = await findFreePort()
  const { username: user } = userInfo()
  const make = (name: string, passphrase = '') => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', join(folder, name)])
    return { secret: readFileSync(join(folder, name), 'utf8'), open: readFileSync(join(folder, `${name}.pub`), 'utf8').trim() }
  }
  const [host, plain, guarded, hanging, unknown] = [
    make('host'),
    make('plain'),
    make('guarded', PASSPHRASE),
    make('hanging'),
    make('unknown'),
  ]
  const [algorithm = '', key = ''] = host.open.split(' ')
  writeFileSync(join(folder, 'authorized'), [plain.open, guarded.open, `command="exec sleep 613" ${hanging.open}`, ''].join('\n'))
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${algorithm} ${key}\n`)
  writeFileSync(join(folder, 'config'), configOf(folder, port))
  const child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], { stdio: 'ignore' })
  await listening(port, child)
  return {
    url: `ssh://${user}@127.0.0.1:${port}`,
    user,
    port,
    hostKey: { algorithm, key },
    knownHostsFile: join(folder, 'known_hosts'),
    keys: { plain: plain.secret, guarded: guarded.secret, hanging: hanging.secret, unknown: unknown.secret },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.kill()) await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configOf(folder: string, port: number): string {
  const lines = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
  ]
  return `${lines.join('\n')}\n`
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`${SSHD} does not listen at port ${port} (exit code ${child.exitCode})`)
}
