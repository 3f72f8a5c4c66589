import type { Written } from './repositories.js'

/** How configuration is spread over a repository, and how it is asked for. */
export interface Layout {
  readonly kind: 'folders' | 'flat'
  readonly name: string
  readonly files: number
  /** As in the settings. */
  readonly searchPaths: readonly string[]
  /** Every file of the first commit. */
  readonly all: () => Iterable<Written>
  /** Paths of environments, each of its own file: so many there are, and no two are alike. */
  readonly views: readonly string[]
  /** A commit of one file, with the view that it changes and a text that only the changed view has. */
  readonly change: (number: number) => { readonly written: Written; readonly view: string; readonly proof: string }
}

const PER_FOLDER = 200

/**
 * A folder for each application, searched by `{application}`: `app-017/application.yml`, and beside it a file for each of up to 199 places where it runs,
 * every fourth as properties. A view is made of the root's file, the application's and the place's.
 */
export function folders(files: number): Layout {
  const count = Math.ceil(files / PER_FOLDER)
  const own = Array.from({ length: files }, (_, index) => index)
    .filter((index) => index % PER_FOLDER > 0)
    .toSorted((a, b) => (a % PER_FOLDER) - (b % PER_FOLDER) || a - b)
  const written = (index: number, revision: number): Written => {
    const [application, place] = [nameOf('app', Math.floor(index / PER_FOLDER)), index % PER_FOLDER]
    const ending = place % 4 === 3 ? 'properties' : 'yml'
    const path = `${application}/application${place === 0 ? '' : `-${nameOf('place', place)}`}.${ending}`
    return { path, text: ending === 'yml' ? yaml(index, revision) : properties(index, revision) }
  }
  const viewOf = (index: number): string => `/${nameOf('app', Math.floor(index / PER_FOLDER))}/${nameOf('place', index % PER_FOLDER)}`
  return {
    kind: 'folders',
    name: `${files} files in ${count} folders`,
    files,
    searchPaths: ['{application}'],
    all: function* () {
      yield { path: 'application.yml', text: yaml(files, 0) }
      for (let index = 0; index < files; index++) yield written(index, 0)
    },
    views: own.map(viewOf),
    change: (number) => {
      const index = own[(number * 7_919) % own.length] ?? 0
      return { written: written(index, number), view: viewOf(index), proof: `revision ${number}.` }
    },
  }
}

/** Everything in the root: `service-00017.yml`. */
export function flat(files: number): Layout {
  const written = (index: number, revision: number): Written => ({ path: `${nameOf('service', index)}.yml`, text: yaml(index, revision) })
  return {
    kind: 'flat',
    name: `${files} files in one folder`,
    files,
    searchPaths: [],
    all: function* () {
      for (let index = 0; index < files; index++) yield written(index, 0)
    },
    views: Array.from({ length: files }, (_, index) => `/${nameOf('service', index)}/default`),
    change: (number) => {
      const index = (number * 7_919) % files
      return { written: written(index, number), view: `/${nameOf('service', index)}/default`, proof: `revision ${number}.` }
    },
  }
}

function nameOf(kind: string, index: number): string {
  return `${kind}-${String(index).padStart(kind === 'service' ? 5 : 3, '0')}`
}

/** About 1 kB. */
function yaml(index: number, revision: number): string {
  const [a, b, c] = [digits(index, 1), digits(index, 2), digits(index, 3)]
  return `# Kept by team-${index % 37}
server:
  port: ${8000 + (index % 1000)}
  shutdown: graceful
  tomcat:
    threads:
      max: ${50 + (index % 150)}
      min-spare: 10
spring:
  datasource:
    url: jdbc:postgresql://db-${a.slice(0, 6)}.example.org:5432/store_${index}
    username: store-${index}
    hikari:
      maximum-pool-size: ${5 + (index % 20)}
      connection-timeout: 3000
      leak-detection-threshold: 60000
  kafka:
    bootstrap-servers: kafka-${b.slice(0, 6)}.example.org:9092,kafka-${c.slice(0, 6)}.example.org:9092
    consumer:
      group-id: orders-${index}
      auto-offset-reset: earliest
management:
  endpoints:
    web:
      exposure:
        include: health,info,prometheus
logging:
  level:
    root: info
    org.example.orders: ${index % 3 === 0 ? 'debug' : 'info'}
orders:
  note: 'revision ${revision}.'
  client-id: ${a}
  currencies: [EUR, USD, CHF]
  limits:
    per-minute: ${index % 600}
    per-day: ${(index * 31) % 90_000}
  partners:
    - name: partner-${b.slice(0, 8)}
      address: https://${b.slice(8, 16)}.example.org/orders
    - name: partner-${c.slice(0, 8)}
      address: https://${c.slice(8, 16)}.example.org/orders
`
}

function properties(index: number, revision: number): string {
  const parts = Array.from(
    { length: 12 },
    (_, part) => `orders.partners[${part}].address=https://${digits(index, part).slice(0, 16)}.example.org/orders`,
  )
  return `# Kept by team-${index % 37}
server.port=${8000 + (index % 1000)}
spring.datasource.url=jdbc:postgresql://db-${digits(index, 1).slice(0, 6)}.example.org:5432/store_${index}
spring.datasource.username=store-${index}
orders.note=revision ${revision}.
orders.limits.per-minute=${index % 600}
${parts.join('\n')}
`
}

/** 32 hex digits that are the same each time and do not compress. */
function digits(index: number, part: number): string {
  let state = (index * 2_654_435_761 + part * 40_503 + 1) % 4_294_967_296
  return Array.from({ length: 8 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 16).toString(16).padStart(4, '0')
  }).join('')
}
