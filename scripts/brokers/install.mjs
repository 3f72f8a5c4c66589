/** Puts programs on this machine that are not there yet: Debian's packages, by apt-get, as root. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { complaintOf } from './processes.mjs'

/** Where a program lies; `undefined` when it is not in PATH. */
export function which(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

/** Installs Debian packages. Throws what is missing, which with `fetch: 'never'` is all of them, or what apt-get said. */
export function installPackages(packages, { say, fetch }) {
  const names = packages.join(', ')
  if (fetch === 'never') throw new Error(`${names}: not installed`)
  if (which('apt-get') === undefined) throw new Error(`${names}: not installed, and there is no apt-get to install it with`)
  if (process.getuid?.() !== 0) throw new Error(`${names}: not installed; root can: apt-get install ${packages.join(' ')}`)
  say(`Installing ${names} (apt-get) …`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'pipe', 'pipe'] }
  const patience = ['-o', 'DPkg::Lock::Timeout=180']
  const update = complaintOf('apt-get', [...patience, 'update', '-q'], options)
  const install = complaintOf('apt-get', [...patience, 'install', '-q', '-y', '--no-install-recommends', ...packages], options)
  if (install !== undefined) throw new Error(`apt-get could not install ${names}: ${install}${update === undefined ? '' : `\n${update}`}`)
}
