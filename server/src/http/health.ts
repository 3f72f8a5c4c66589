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
  const groups = { livenessState: { status: 'UP' }, readinessState: { status: health.ready() ? 'UP' : 'OUT_OF_SERVICE' } } as const
  if (part === 'liveness')
    return report({ status: 'UP', ...(show === 'all' ? { components: { livenessState: groups.livenessState } } : {}) })
  if (part === 'readiness')
    return report({ ...groups.readinessState, ...(show === 'all' ? { components: { readinessState: groups.readinessState } } : {}) })
  const components: Record<string, HealthComponent> = { ...(await health.components()), ...groups }
  if (part !== undefined) {
    const component = Object.hasOwn(components, part) ? components[part] : undefined
    return component === undefined || show === 'status' ? undefined : report({ ...component })
  }
  const status = worst(Object.values(components))
  return report({ status, ...(show === 'all' ? { components } : {}), groups: ['liveness', 'readiness'] })
}

function report(body: Readonly<Record<string, unknown>>): HealthReport {
  return { httpStatus: body.status === 'DOWN' || body.status === 'OUT_OF_SERVICE' ? 503 : 200, body }
}

const BY_SEVERITY = ['DOWN', 'OUT_OF_SERVICE', 'UNKNOWN', 'UP'] as const

function worst(components: readonly HealthComponent[]): HealthComponent['status'] {
  return BY_SEVERITY.find((status) => components.some((component) => component.status === status)) ?? 'UP'
}
