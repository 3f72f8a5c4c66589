import type { Shown } from './agreement.js'

/** What is asked, in which format, and of which repositories it tells. */
export interface Question {
  readonly format: string
  readonly target: string
  readonly accept?: string
  readonly words: readonly string[]
}

const V2 = 'application/vnd.spring-cloud.config-server.v2+json'

/** The same configuration in every format. `extra` is a further profile: no file has it, and no cache knows it when it is new. */
export function questionsOf(words: readonly string[], extra?: string): readonly Question[] {
  const profiles = extra === undefined ? 'prod' : `prod,${extra}`
  const environment = `/orders/${profiles}`
  return [
    { format: 'json v1', target: environment, words },
    { format: 'json v1, label', target: `${environment}/main`, words },
    { format: 'json v2', target: environment, accept: V2, words },
    ...['yml', 'properties', 'json'].map((format) => ({ format: `.${format}`, target: `/orders-${profiles}.${format}`, words })),
    ...words.flatMap((word) => [
      { format: 'text', target: `${environment}/main/${word}.txt`, words: [word] },
      { format: 'text', target: `${environment}/${word}.conf?useDefaultLabel`, words: [word] },
    ]),
  ]
}

/** One answer. Rejects where none comes within 10 s. */
export async function put(url: string, { target, accept = '*/*' }: Question): Promise<Shown> {
  const answer = await fetch(`${url}${target}`, { headers: { accept }, signal: AbortSignal.timeout(10_000) })
  const text = await answer.text()
  const commits = (answer.headers.get('x-carillon-commit') ?? '').split(',').filter((commit) => commit !== '')
  return { target, status: answer.status, text, commits }
}
