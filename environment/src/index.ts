export type { Environment, Property, PropertyOrigin, PropertySource, Scalar } from './types.js'
