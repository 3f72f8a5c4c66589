import { type PropertySource, scalarText } from '@carillon/environment'
import { fillMap } from './fill.js'
import { nestedJson } from './json.js'
import { mergeSources } from './merge.js'
import { type MapNode, nest } from './nest.js'
import { readsAsOneDocument } from './sound.js'
import { type Substitution, substitution } from './substitution.js'
import { yamlDocument, yamlText } from './yaml.js'

export { environmentJson } from './json.js'

export type Format = 'json' | 'yml' | 'yaml' | 'properties'

export interface RenderOptions {
  readonly placeholders: 'resolve' | 'keep'
  /** What becomes of a single top-level key `document`, under which a YAML file that is no map stands. */
  readonly document: 'strip' | 'keep'
}

/**
 * Property sources, strongest first, as one text in a format. Throws `invalid-key` (never for `properties`), and `circular-placeholder` or `too-large`
 * where placeholders are resolved.
 */
export function render(format: Format, sources: readonly PropertySource[], options: RenderOptions): string {
  const flat = mergeSources(sources)
  const fill = options.placeholders === 'resolve' ? substitution(sources) : undefined
  switch (format) {
    case 'properties': {
      const text = Array.from(flat, ([key, { value }]) => `${key}: ${scalarText(value)}`).join('\n')
      return fill === undefined ? text : fill.text(text)
    }
    case 'json':
      return nestedJson(nest(flat), fill?.value ?? ((text) => text))
    case 'yml':
    case 'yaml':
      return renderYaml(nest(flat), fill, options.document)
    default:
      return format satisfies never
  }
}

/** A plain-text file with the placeholders of property sources, strongest first. Throws `circular-placeholder` and `too-large`. */
export function resolveText(text: string, sources: readonly PropertySource[]): string {
  return substitution(sources).text(text)
}

/**
 * Spring takes the written YAML as one template, and so do we, types included: `${port}` becomes a number. Only where an inserted line break (of a
 * certificate, say) makes a text that nobody can read, each value is resolved on its own and written as what it is.
 */
function renderYaml(root: MapNode, fill: Substitution | undefined, document: RenderOptions['document']): string {
  const write = (node: MapNode) => (document === 'strip' ? strippedYaml(node) : yamlDocument(node))
  const template = write(root)
  if (fill === undefined) return template
  const text = fill.text(template)
  return lineBreaks(text) === lineBreaks(template) || readsAsOneDocument(text) ? text : write(fillMap(root, fill.text))
}

function lineBreaks(text: string): number {
  return text.split('\n').length
}

function strippedYaml(root: MapNode): string {
  const document = root.entries.size === 1 ? root.entries.get('document') : undefined
  if (document === undefined || document.kind === 'map') return yamlDocument(root)
  return document.kind === 'list' ? yamlDocument(document) : yamlText(document.value)
}
