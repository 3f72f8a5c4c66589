import { chmod, writeFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { join } from 'node:path'
import type { SshSettings } from '../../../settings/settings.js'
import { findCredentials, type RemoteOptions, sshPlace } from '../address.js'
import type { Access } from './command.js'
import { surroundings } from './surroundings.js'

type Option = readonly [name: string, value: string]

/** Answers ssh's questions: for a key's passphrase, for a password. It holds neither, and never agrees to anything. */
const ASKPASS = `#!/bin/sh
case "$1" in
  *yes/no*) exit 1 ;;
  *passphrase*) printf '%s\\n' "$CARILLON_SSH_PASSPHRASE" ;;
  *) printf '%s\\n' "$CARILLON_SSH_PASSWORD" ;;
esac
`

/** How ssh is called for a remote: keys and known hosts from the settings in files of `folder`, the rest from the user's own files unless they are to be ignored. */
export async function sshAccess(options: RemoteOptions, folder: string): Promise<Access> {
  const { ssh = LOCAL_SSH, timeout } = options
  const answers = await answersTo(options, folder)
  const choices: readonly Option[] = [
    ['BatchMode', answers === undefined ? 'yes' : 'no'],
    ['NumberOfPasswordPrompts', '1'],
    ['ClearAllForwardings', 'yes'],
    ['PermitLocalCommand', 'no'],
    ['ControlMaster', 'no'],
    ['ConnectTimeout', String(timeout)],
    ['ServerAliveInterval', String(timeout)],
    ...(await keyChoices(ssh, folder)),
    ...(await hostChoices(options, ssh, folder)),
    ...userChoice(options),
    ...(ssh.preferredAuthentications === undefined ? [] : [['PreferredAuthentications', ssh.preferredAuthentications] as const]),
  ]
  const files = ssh.ignoreLocal ? ['-F', 'none'] : []
  const command = ['ssh', ...files, ...choices.flatMap(([name, value]) => ['-o', `${name}=${value}`])].map(quote).join(' ')
  const agent = ssh.ignoreLocal ? {} : surroundings('SSH_AUTH_SOCK')
  return { config: [], variables: { ...agent, GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh', ...answers } }
}

const LOCAL_SSH: SshSettings = { ignoreLocal: false, strictHostKeyChecking: true }

async function keyChoices({ ignoreLocal, privateKey }: SshSettings, folder: string): Promise<readonly Option[]> {
  const alone: readonly Option[] = ignoreLocal
    ? [
        ['IdentityAgent', 'none'],
        ['IdentitiesOnly', 'yes'],
      ]
    : []
  if (privateKey === undefined) return ignoreLocal ? [...alone, ['IdentityFile', 'none']] : []
  const path = join(folder, 'key')
  // ssh wants the end of the last line, and refuses a key that others could read.
  await writeFile(path, `${privateKey.replace(/\r\n?/g, '\n').trim()}\n`, { mode: 0o600 })
  return [...alone, ['IdentityFile', file(path)]]
}

async function hostChoices({ uri }: RemoteOptions, ssh: SshSettings, folder: string): Promise<readonly Option[]> {
  const { hostKey, knownHostsFile, strictHostKeyChecking, ignoreLocal } = ssh
  // Spring believes any host then; and nothing is learned for later.
  if (!strictHostKeyChecking) return [['StrictHostKeyChecking', 'no'], ...knownIn([devNull])]
  const strict: Option = ['StrictHostKeyChecking', 'yes']
  const given = knownHostsFile === undefined ? [] : [knownHostsFile]
  if (hostKey === undefined) return [strict, ...(given.length > 0 ? knownIn(given) : ignoreLocal ? knownIn([devNull]) : [])]
  const path = join(folder, 'known_hosts')
  const { host, port } = sshPlace(uri)
  await writeFile(path, `${port === '22' ? host : `[${host}]:${port}`} ${hostKey.algorithm} ${hostKey.key}\n`)
  return [strict, ...knownIn([path, ...given])]
}

function knownIn(paths: readonly string[]): readonly Option[] {
  return [
    ['UserKnownHostsFile', paths.map(file).join(' ')],
    ['GlobalKnownHostsFile', devNull],
    ['UpdateHostKeys', 'no'],
  ]
}

/** A user in the address wins: it stands there for this repository alone. */
function userChoice({ uri, username }: RemoteOptions): readonly Option[] {
  return username === undefined || username.trim() === '' || sshPlace(uri).user !== undefined ? [] : [['User', username]]
}

async function answersTo(options: RemoteOptions, folder: string): Promise<Readonly<Record<string, string>> | undefined> {
  const passphrase = options.ssh?.passphrase
  const password = findCredentials(options)?.password || undefined
  if (passphrase === undefined && password === undefined) return undefined
  const path = join(folder, 'askpass')
  await writeFile(path, ASKPASS)
  await chmod(path, 0o700)
  return {
    SSH_ASKPASS: path,
    SSH_ASKPASS_REQUIRE: 'force',
    // Before 8.4 ssh asked so only where there was a display.
    DISPLAY: ':',
    CARILLON_SSH_PASSPHRASE: passphrase ?? '',
    CARILLON_SSH_PASSWORD: password ?? '',
  }
}

/** A path as ssh's own options take it: in quotes, without its `%` signs. */
function file(path: string): string {
  return path === devNull ? path : `"${path.replaceAll('%', '%%')}"`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
