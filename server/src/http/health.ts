/** The health of one part, in Spring Boot's shape. */
export interface HealthComponent {
  readonly status: 'UP' | 'DOWN' | 'UNKNOWN' | 'OUT_OF_SERVICE'
  readonly details?: Readonly<Record<string, unknown>>
}

/** What the server knows of itself. */
export interface Health {
  readonly components: () => Promise<Readonly<Record<string, HealthComponent>>>
  /** Ready: at least one snapshot can be served, and the server is not closing. */
  readonly ready: () => boolean
}

export interface HealthReport {
  readonly httpStatus: 200 | 503
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * `/actuator/health`, `/actuator/health/liveness`, `/actuator/health/readiness` or one component; `undefined` for anything else. Liveness says only
 * that the process answers. `details` are left out for who has no credentials.
 */
export async function healthReport(health: Health, path: readonly string[], show: 'all' | 'status'): Promise<HealthReport | undefined> {
  const [part, ...more] = path
  if (more.length > 0) return undefined
  if (part === 'liveness' || part === 'readiness') return stateReport(health, part, show)
  // A look-up may be what makes the server ready, so readiness is asked after it.
  const known = await health.components()
  const components: Record<string, HealthComponent> = { ...known, livenessState: alive, readinessState: readiness(health) }
  if (part !== undefined) {
    const component = Object.hasOwn(components, part) ? components[part] : undefined
    return component === undefined || show === 'status' ? undefined : report({ ...component })
  }
  const status = worst(Object.values(components))
  return report({ status, ...(show === 'all' ? { components } : {}), groups: ['liveness', 'readiness'] })
}

const alive: HealthComponent = { status: 'UP' }

function readiness(health: Health): HealthComponent {
  return { status: health.ready() ? 'UP' : 'OUT_OF_SERVICE' }
}

function stateReport(health: Health, part: 'liveness' | 'readiness', show: 'all' | 'status'): HealthReport {
  const state = part === 'liveness' ? alive : readiness(health)
  return report({ ...state, ...(show === 'all' ? { components: { [`${part}State`]: state } } : {}) })
}

function report(body: Readonly<Record<string, unknown>>): HealthReport {
  return { httpStatus: body.status === 'DOWN' || body.status === 'OUT_OF_SERVICE' ? 503 : 200, body }
}

const BY_SEVERITY = ['DOWN', 'OUT_OF_SERVICE', 'UNKNOWN', 'UP'] as const

function worst(components: readonly HealthComponent[]): HealthComponent['status'] {
  return BY_SEVERITY.find((status) => components.some((component) => component.status === status)) ?? 'UP'
}
