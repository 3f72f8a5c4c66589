/** A repository whose branches are labels, or a folder whose sub-folders are; `holds` says which of the two contents of a seed lies there. */
export interface Home {
  readonly kind: 'git' | 'native'
  readonly path: string
  readonly holds: 'files' | 'second'
}

/** A set of settings that one pair of servers is started with; the seeds are dealt out to the variants in turn. */
export interface Variant {
  readonly name: string
  /** What stands before every path. */
  readonly prefix: string
  /** Where the content of a seed lies. */
  readonly homes: readonly Home[]
  /** The settings file, for the folder that the homes lie in. */
  settings(root: string): string
}

const main: Home = { kind: 'git', path: 'main', holds: 'files' }
const team: Home = { kind: 'git', path: 'team', holds: 'second' }

// Other names, and lists of names, have no repository: that is asked for too.
const byName: Home[] = ['shop', 'cart', 'a', 'user-api', 'pay.v2', 'Shop', 'billing', 'application'].map((app) => ({
  kind: 'git',
  path: `by-name/${app}`,
  holds: app === 'cart' ? 'second' : 'files',
}))

const git = (root: string, lines = ''): string => `
        git:
          uri: file://${root}/main
          try-master-branch: false
${lines}`

const server = (body: string, before = ''): string => `spring:${before}
  cloud:
    config:
      server:${body}
`

const searchPaths = (...paths: string[]): string => `          search-paths:\n${paths.map((path) => `            - '${path}'\n`).join('')}`

/** All variants; a variant may only be added at the end, or seeds change their meaning. */
export const variants: readonly Variant[] = [
  { name: 'git', prefix: '', homes: [main], settings: (root) => server(git(root)) },
  {
    name: 'paths',
    prefix: '',
    homes: [main],
    settings: (root) => server(git(root, searchPaths('{application}', '{profile}', 'teams/*', 'conf-*'))),
  },
  {
    name: 'strict',
    prefix: '/api/config',
    homes: [main],
    settings: (root) =>
      server(`
        prefix: /api/config
        accept-empty: false
        strip-document-from-yaml: false
        reverse-location-order: true
${git(`${root}`, searchPaths('{application}/{profile}', '**/deep', '{label}', 'teams/two', 'nowhere'))}          continue-on-multiple-label-failure: true
`),
  },
  {
    name: 'native',
    prefix: '',
    homes: [{ kind: 'native', path: 'native', holds: 'files' }],
    settings: (root) =>
      server(
        `
        native:
          version: "7.1"
          default-label: main
          search-locations:
            - file:${root}/native/{label}
            - file:${root}/native/{label}/{application}
            - file:${root}/native/{label}/teams/one/
`,
        '\n  profiles:\n    active: native',
      ),
  },
  {
    name: 'composite',
    prefix: '',
    homes: [main, { kind: 'native', path: 'native', holds: 'second' }],
    settings: (root) =>
      server(
        `
        overrides:
          owner: overridden
          forced: [first, second]
          "server.port": 1
          escaped: "\\\\\${owner}"
        composite:
          - type: native
            search-locations: file:${root}/native/{label}
          - type: git
            uri: file://${root}/main
            try-master-branch: false
${searchPaths('teams/one').replaceAll(/^ {10}/gm, '            ')}`,
        '\n  profiles:\n    active: composite',
      ),
  },
  {
    name: 'patterns',
    prefix: '',
    homes: [main, team],
    settings: (root) =>
      server(
        git(
          root,
          `          repos:
            shop: file://${root}/team
            several:
              pattern: cart/dev*,*/eu,a/p1
              uri: file://${root}/team/
              try-master-branch: false
              search-paths: teams/one, '{application}'
            late:
              pattern: ['*/live', 'pay*']
              uri: file://${root}/team
              default-label: other
`,
        ),
      ),
  },
  {
    name: 'per-app',
    prefix: '/p',
    homes: byName,
    settings: (root) =>
      server(`
        prefix: /p
        default-label: main
        git:
          uri: file://${root}/by-name/{application}/
          try-master-branch: false
          search-paths: '{profile}'
`),
  },
]
