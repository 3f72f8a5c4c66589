import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadAll } from 'js-yaml'
import { parseFile } from '../../server/src/resolution/parse/index.js'

const folder = join(import.meta.dirname, '../../config-repo-sample')
const services = ['orders', 'payments', 'catalog', 'gateway']
const profiles = ['dev', 'staging', 'prod']
const names = readdirSync(folder).sort()

describe('config-repo-sample', () => {
  for (const name of names.filter((name) => name.endsWith('.yml'))) {
    it(`${name} is YAML whose documents are all maps with something in them`, () => {
      for (const document of loadAll(textOf(name))) expect(document).to.be.an('object').that.is.not.empty
    })
  }

  for (const name of names.filter((name) => name.endsWith('.properties'))) {
    it(`${name} is properties`, () => {
      expect(keysOf(name)).to.be.an('array').that.is.not.empty
    })
  }

  it('begins each configuration file with a comment that says what it is for', () => {
    const silent = names.filter((name) => /\.(yml|properties|conf)$/.test(name) && !textOf(name).startsWith('# '))
    expect(silent).to.deep.equal([])
  })

  it('separates no documents of .properties next to a comment, because there the separator would be a comment too', () => {
    for (const name of names.filter((name) => name.endsWith('.properties'))) expect(textOf(name)).to.not.match(/^#.*\n#---$|^#---\n#/m)
  })

  it('has a file for each service and each environment', () => {
    expect(services.filter((service) => !names.some((name) => name.startsWith(`${service}.`)))).to.deep.equal([])
    expect(profiles.filter((profile) => !names.includes(`application-${profile}.yml`))).to.deep.equal([])
  })

  for (const service of services) {
    it(`gives ${service} a value for each placeholder of its files, in every environment`, () => {
      const apply = (name: string): boolean => [service, 'application'].some((base) => name.startsWith(`${base}.`))
      const files = names.filter(apply)
      const known = new Set(files.flatMap(keysOf))
      const missing = files.flatMap(placeholdersOf).filter((key) => !known.has(key))
      expect(missing).to.deep.equal([])
    })
  }

  for (const name of ['nginx.conf', 'nginx-prod.conf', 'logback.xml']) {
    it(`${name} has holes, and the gateway has something for each`, () => {
      const known = new Set(['application.yml', 'gateway.yml'].flatMap(keysOf))
      const holes = placeholdersOf(name)
      expect(holes).to.not.be.empty
      expect(holes.filter((key) => !known.has(key))).to.deep.equal([])
    })
  }

  it('is listed file by file in its README', () => {
    const readme = textOf('README.md').replaceAll('`, `-', '`, `application-')
    expect(names.filter((name) => name !== 'README.md' && !readme.includes(`\`${name}\``))).to.deep.equal([])
  })
})

function textOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

function keysOf(name: string): readonly string[] {
  return parseFile(name, readFileSync(join(folder, name))).flatMap(({ properties }) => [...properties.keys()])
}

/** The keys that a file needs from elsewhere: without a default, not escaped, and a key at all (a comment may show `${...}`). */
function placeholdersOf(name: string): readonly string[] {
  return [...textOf(name).matchAll(/(?<!\\)\$\{([\w.-]*\w)\}/g)].map((match) => match[1]!)
}
