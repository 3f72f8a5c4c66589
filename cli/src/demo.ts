import { access } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { createRepository } from '@carillon/server'

/** A repository made of a folder, to play with. */
export interface Demo {
  /** Where it is, and where to edit and commit. */
  readonly repository: string
}

/** Makes a Git repository of a folder below the data folder, once: what was committed there since is kept. */
export async function prepareDemo({ from, dataFolder }: { readonly from: string; readonly dataFolder: string }): Promise<Demo> {
  const repository = resolve(join(dataFolder, 'demo', basename(resolve(from))))
  const exists = await access(join(repository, '.git')).then(
    () => true,
    () => false,
  )
  if (!exists) await createRepository({ from, to: repository, author: { name: 'Carillon', email: 'demo@carillon.invalid' } })
  return { repository }
}

/** What to try, for the screen. */
export function demoHints(url: string, repository: string): string {
  return `
  Serving the sample shop on ${url}

  Try
    curl ${url}/orders/prod
    curl ${url}/orders-prod.yml
    curl ${url}/gateway/prod/main/nginx.conf

  Then change something and ask again
    cd ${repository}
    edit orders-prod.yml, git commit -am "Raise the limit"

  Ctrl-C ends the server; the repository stays.

`
}
