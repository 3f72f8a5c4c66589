/** What programs need of our variables to be found and to find their files. Nothing that begins with GIT_: settings come from us alone. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'LD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]

/** The variables of this process that every `git` is given, and those named besides. The one place of the server that looks at them. */
export function surroundings(...more: readonly string[]): Readonly<Record<string, string>> {
  const names = [...PASSED_ON, ...more]
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
