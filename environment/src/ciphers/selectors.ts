/** A text with the `{key:value}` groups before it, which choose a key and say what the text is for. */
export interface Selected {
  /** In order of appearance. */
  readonly selectors: ReadonlyMap<string, string>
  readonly payload: string
}

/** Every word that means something before a plain text; any other group is part of the text, so that JSON and the like are not taken for selectors. */
const KNOWN = /^\{(key|secret|name|profiles|gcm):([^{}]*)\}/
/** Spring takes any group before a cipher text for a selector. */
const ANY = /^\{([^{}:]*):([^{}]*)\}/
/** What stands behind this is the text, whatever it looks like. */
const PLAIN = '{plain}'

/** Takes the selectors off a text that is to be encrypted; `{plain}` ends them. */
export function selectorsOfPlain(text: string): Selected {
  const selected = take(text, KNOWN)
  return selected.payload.startsWith(PLAIN) ? { ...selected, payload: selected.payload.slice(PLAIN.length) } : selected
}

/** Takes the selectors off a cipher text without `{cipher}`, unknown ones too. */
export function selectorsOfCipher(text: string): Selected {
  const selected = take(text, ANY)
  return selected.payload.startsWith(PLAIN) ? { ...selected, payload: selected.payload.slice(PLAIN.length) } : selected
}

/** The groups that stand before a cipher text: name and profiles are told by where it stands. */
export function selectorText(selectors: ReadonlyMap<string, string>): string {
  return [...selectors].flatMap(([key, value]) => (key === 'name' || key === 'profiles' ? [] : [`{${key}:${value}}`])).join('')
}

function take(text: string, group: RegExp): Selected {
  const selectors = new Map<string, string>()
  let rest = text
  for (let match = group.exec(rest); match !== null; match = group.exec(rest)) {
    const [whole, key = '', value = ''] = match
    selectors.set(key, value)
    rest = rest.slice(whole.length)
  }
  return { selectors, payload: rest }
}
