/** One node of the settings schema: JSON Schema as ajv reads it, and what it must know beyond types. */
export interface SettingNode {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, SettingNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | SettingNode
  readonly items?: SettingNode
  /** The value is never printed. */
  readonly secret?: true
  /** The value may hold credentials, which are never printed. */
  readonly uri?: true
  /** An object that may be given as one text, which then is this property. */
  readonly shorthand?: string
  /** `${…}` that nothing resolves is meant for the clients and stays. */
  readonly placeholders?: 'kept'
  /** A key of Spring's that has no effect here, and why; using it is a warning. */
  readonly unsupported?: string
  /** A key of Spring's that must not be ignored, and why; using it is an error. */
  readonly refused?: string
}

/** The keywords above that ajv does not know. */
export const ownKeywords = ['secret', 'uri', 'shorthand', 'placeholders', 'unsupported', 'refused'] as const

type Rest = Omit<SettingNode, 'type' | 'description'>

/** A node for a text. */
export const text = (description: string, rest: Rest = {}): SettingNode => ({ type: 'string', description, ...rest })

/** A node for a whole number. */
export const integer = (description: string, rest: Rest = {}): SettingNode => ({ type: 'integer', description, ...rest })

/** A node for a truth value. */
export const flag = (description: string, rest: Rest = {}): SettingNode => ({ type: 'boolean', description, ...rest })

/** A node for a list of texts, also given as one text with commas. */
export const texts = (description: string, rest: Rest = {}): SettingNode => ({
  type: 'array',
  description,
  items: { type: 'string' },
  ...rest,
})

/** A node below which every key is known and none has an effect. */
export const ignored = (unsupported: string): SettingNode => ({ type: 'object', additionalProperties: { type: 'string' }, unsupported })

/** A node below which every key is known and none may be ignored. */
export const refused = (reason: string): SettingNode => ({ type: 'object', additionalProperties: { type: 'string' }, refused: reason })

/** A node below which only the keys named elsewhere in the schema are known. */
export const closed = (): SettingNode => ({ type: 'object', properties: {}, additionalProperties: false })
