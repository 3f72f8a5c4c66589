import { ServerError } from '../errors.js'

/** A parsed profile expression: says whether it holds, given which profiles are accepted. */
export type ProfileExpression = (accepted: ReadonlySet<string>) => boolean

/**
 * Whether any of the expressions holds, as Spring's `Profiles.of(…).matches(…)` decides it: names joined by `!`, `&`, `|` and parentheses.
 * Throws `illegal-property` for an empty expression and for `&` beside `|` without parentheses.
 */
export function acceptsProfiles(expressions: readonly string[], accepted: ReadonlySet<string>): boolean {
  return expressions.map(parseProfileExpression).some((holds) => holds(accepted))
}

/** Parses one expression. Throws `illegal-property`, also for text that no profile could ever match. */
function parseProfileExpression(text: string): ProfileExpression {
  const tokens = text
    .split(/([()&|!])/)
    .map((token) => token.trim())
    .filter((token) => token !== '')
  return parseGroup({ text, tokens: tokens[Symbol.iterator](), depth: 0 }, 'whole')
}

interface Parsing {
  readonly text: string
  readonly tokens: Iterator<string>
  readonly depth: number
}

const MAX_DEPTH = 50

type Operator = '&' | '|'

/** `operand`: what follows a `!`, which is one name or one group. Spring closes what is left open, so this does too. */
function parseGroup(parsing: Parsing, context: 'whole' | 'parenthesis' | 'operand'): ProfileExpression {
  if (parsing.depth > MAX_DEPTH) throw malformed(parsing.text, `at most ${MAX_DEPTH} nested groups`)
  const inner = { ...parsing, depth: parsing.depth + 1 }
  let operator: Operator | undefined
  let elements: ProfileExpression[] = []
  for (let next = parsing.tokens.next(); !next.done; next = parsing.tokens.next()) {
    const token = next.value
    if (isOperator(token)) {
      operator = sameOperator(parsing.text, token, operator)
    } else if (token === ')') {
      elements = [merge(parsing.text, elements, operator)]
      operator = undefined
      if (context === 'parenthesis') break
    } else {
      elements.push(parseElement(inner, token))
      if (context === 'operand' && token !== '!') break
    }
  }
  return merge(parsing.text, elements, operator)
}

function isOperator(token: string): token is Operator {
  return token === '&' || token === '|'
}

function sameOperator(text: string, token: Operator, operator: Operator | undefined): Operator {
  if (operator !== undefined && operator !== token) throw malformed(text, 'parentheses where & and | are mixed')
  return token
}

function parseElement(parsing: Parsing, token: string): ProfileExpression {
  if (token === '(') return parseGroup(parsing, 'parenthesis')
  if (token !== '!') return (accepted) => accepted.has(token)
  const operand = parseGroup(parsing, 'operand')
  return (accepted) => !operand(accepted)
}

function merge(text: string, elements: readonly ProfileExpression[], operator: Operator | undefined): ProfileExpression {
  const [only, ...more] = elements
  if (only === undefined) throw malformed(text, 'a profile name')
  if (more.length === 0) return only
  return operator === '&'
    ? (accepted) => elements.every((holds) => holds(accepted))
    : (accepted) => elements.some((holds) => holds(accepted))
}

function malformed(text: string, expected: string): ServerError {
  return new ServerError('illegal-property', `The profile expression '${text}' is malformed: expected ${expected}.`)
}
