import type { RepositoryDocument } from './document-types.js'
import { given, type Making } from './making.js'
import type { SshSettings } from './settings.js'

/** What an entry of `repos` takes over one by one where it says nothing. */
export const SSH_KEYS = [
  'passphrase',
  'private-key',
  'host-key',
  'host-key-algorithm',
  'known-hosts-file',
  'preferred-authentications',
  'ignore-local-ssh-settings',
  'strict-host-key-checking',
] as const satisfies readonly (keyof RepositoryDocument)[]

/** How ssh gets at a repository (spring-compat 3.1). What cannot be meant is reported, and never repeated where it may be a secret. */
export function sshSettings(document: RepositoryDocument, { key, report }: Making): SshSettings {
  const privateKey = document['private-key']?.trim()
  if (privateKey && !/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\r?\n/.test(privateKey))
    report(`${key}.private-key: got no PEM text, expected it to begin with a line such as -----BEGIN OPENSSH PRIVATE KEY-----`)
  const hostKey = hostKeyOf(document, report, key)
  return {
    ignoreLocal: document['ignore-local-ssh-settings'] ?? false,
    strictHostKeyChecking: document['strict-host-key-checking'] ?? true,
    ...given('privateKey', privateKey),
    ...(document.passphrase === undefined ? {} : { passphrase: document.passphrase }),
    ...(hostKey === undefined ? {} : { hostKey }),
    ...given('knownHostsFile', document['known-hosts-file']?.trim().replace(/^file:(\/\/(?=\/))?/, '')),
    ...given('preferredAuthentications', authenticationsOf(document, report, key)),
  }
}

type Report = Making['report']

function hostKeyOf(document: RepositoryDocument, report: Report, place: string): SshSettings['hostKey'] {
  const key = document['host-key']?.trim() ?? ''
  const algorithm = document['host-key-algorithm'] ?? ''
  if (key === '' && algorithm === '') return undefined
  if (key === '' || algorithm === '') report(`${place}: host-key and host-key-algorithm need each other, one is missing`)
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(key)) report(`${place}.host-key: got ${key.slice(0, 40)}, expected base64 alone`)
  return { key, algorithm }
}

function authenticationsOf(document: RepositoryDocument, report: Report, place: string): string {
  const names = (document['preferred-authentications'] ?? '').replaceAll(/\s/g, '')
  if (!/^([a-z-]+(,[a-z-]+)*)?$/.test(names))
    report(`${place}.preferred-authentications: got ${names.slice(0, 100)}, expected names such as publickey,password`)
  return names
}
