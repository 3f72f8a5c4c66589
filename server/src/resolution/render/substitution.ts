import { EnvironmentError, type PropertySource, placeholderResolver, scalarText } from '@carillon/environment'
import { ServerError } from '../../errors.js'

/** Replaces the placeholders of whole texts, and of single values before they are written as JSON. */
export interface Substitution {
  /** `\${` and `\\${` give `${`, as does `$_{`. */
  readonly text: (template: string) => string
  /** As `text`, but one backslash is the escape: in JSON, which Spring takes as a text, each is written twice. */
  readonly value: (template: string) => string
}

/** Placeholders over property sources, strongest first, and nothing else. Throws `circular-placeholder` and `too-large`. */
export function substitution(sources: readonly PropertySource[]): Substitution {
  const resolve = placeholderResolver((key) => {
    for (const { properties } of sources) {
      const property = properties.get(key)
      if (property !== undefined) return scalarText(property.value)
    }
    return undefined
  })
  return {
    text: (template) => substitute(template, /\\{1,2}\$\{/g, resolve),
    value: (template) => substitute(template, /\\\$\{/g, resolve),
  }
}

/** Spring hides an escaped `${` as `$_{` while it resolves, so that a `$_{` of the user turns into `${` too. */
function substitute(template: string, escaped: RegExp, resolve: (text: string) => string): string {
  if (!template.includes('${')) return template.replaceAll('$_{', '${')
  try {
    return resolve(template.replace(escaped, '$$_{')).replaceAll('$_{', '${')
  } catch (cause) {
    if (!(cause instanceof EnvironmentError)) throw cause
    throw new ServerError(cause.code === 'circular-placeholder' ? 'circular-placeholder' : 'too-large', cause.message, { cause })
  }
}
