import { expect } from 'chai'
import type { ServerError } from '../../../server/src/errors.js'
import { lookUp } from '../../../server/src/resolution/lookup.js'
import { parseFile } from '../../../server/src/resolution/parse/index.js'

type Files = Readonly<Record<string, string>>

interface Given {
  readonly files: Files
  /** `/application/profiles` as a client asks, a `:` for a slash in the application. */
  readonly ask: string
  /** Folders, weakest first; the root alone where absent. */
  readonly at?: readonly string[]
}

/** The documents that apply, strongest first: `path`, or `path#index` for one of several. */
async function order({ files, ask, at = [''] }: Given): Promise<string> {
  const [, application = '', profiles = ''] = ask.split('/')
  const known = new Map(Object.entries(files))
  const folders = async (folder: string): Promise<readonly string[]> => {
    const prefix = folder === '' ? '' : `${folder}/`
    const below = [...known.keys()].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split('/'))
    return [...new Set(below.filter((parts) => parts.length > 1).map(([name = '']) => name))]
  }
  const present = async (paths: readonly string[]) => new Set(paths.filter((path) => known.has(path)))
  const read = async (path: string, format: string) => {
    const text = known.get(path)
    return text === undefined ? undefined : parseFile(path, new TextEncoder().encode(text), { format })
  }
  const locations = at.map((path) => ({ text: path, path }))
  const found = await lookUp(
    { present, read, folders },
    { applications: application.replaceAll(':', '/').split(','), profiles: profiles.split(','), locations },
  )
  return found.map(({ reference, index, count }) => (count === 1 ? reference.path : `${reference.path}#${index}`)).join(' ')
}

async function problemOf(given: Given): Promise<string> {
  try {
    return `no problem: ${await order(given)}`
  } catch (error) {
    const { code, place } = error as ServerError
    return `${code} ${[place?.file, place?.line].filter((part) => part !== undefined).join(':')}`.trim()
  }
}

const plain = (...paths: readonly string[]): Files => Object.fromEntries(paths.map((path) => [path, contentOf(path)]))
const contentOf = (path: string): string => (path.endsWith('.xml') ? '<properties><entry key="k">v</entry></properties>' : 'k: v\n')
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`

interface Row extends Given {
  readonly it: string
  readonly gives: string
}

function table(rows: readonly Row[]): void {
  for (const row of rows) it(row.it, async () => expect(await order(row)).to.equal(row.gives))
}

describe('lookUp: precedence', () => {
  const all = plain('foo.yml', 'foo-a.yml', 'foo-b.yml', 'application.yml', 'application-a.yml', 'application-b.yml')
  table([
    {
      it: 'puts the last profile first, the application above the shared files',
      files: all,
      ask: '/foo/a,b',
      gives: 'foo-b.yml application-b.yml foo-a.yml application-a.yml foo.yml application.yml',
    },
    { it: 'has only shared files for an unknown application', files: all, ask: '/bar/b', gives: 'application-b.yml application.yml' },
    { it: 'asks for application itself once', files: all, ask: '/application/a', gives: 'application-a.yml application.yml' },
    {
      it: 'takes default for a profile like any other',
      files: plain('foo.yml', 'foo-default.yml'),
      ask: '/foo/default',
      gives: 'foo-default.yml foo.yml',
    },
    { it: 'does not fall back to default', files: plain('foo.yml', 'foo-default.yml'), ask: '/foo/a', gives: 'foo.yml' },
    {
      it: 'takes the last of several applications first',
      files: plain('x.yml', 'y.yml', 'x-a.yml', 'y-a.yml', 'application.yml', 'application-a.yml'),
      ask: '/x,y/a',
      gives: 'y-a.yml x-a.yml application-a.yml y.yml x.yml application.yml',
    },
    {
      it: 'puts a later location above a more exact name',
      files: plain('l1/foo.yml', 'l1/application.yml', 'l2/foo.yml', 'l2/application.yml'),
      at: ['l1/', 'l2/'],
      ask: '/foo/a',
      gives: 'l2/foo.yml l2/application.yml l1/foo.yml l1/application.yml',
    },
    {
      it: 'puts a profile above a location',
      files: plain('l1/foo-b.yml', 'l2/foo-a.yml', 'l2/foo.yml'),
      at: ['l1/', 'l2/'],
      ask: '/foo/a,b',
      gives: 'l1/foo-b.yml l2/foo-a.yml l2/foo.yml',
    },
    {
      it: 'ranks extensions properties, xml, yml, yaml, and reads no other',
      files: { ...plain('foo.yml', 'foo.yaml', 'foo.xml', 'foo.YML', 'foo.txt', 'foo'), 'foo.properties': 'k=v', 'foo.json': '{"k":1}' },
      ask: '/foo/a',
      gives: 'foo.properties foo.xml foo.yml foo.yaml',
    },
    {
      it: 'puts a later document of a file first, and does not count empty ones',
      files: { 'foo.yml': 'a: 1\n---\n---\n# nothing\n---\nb: 2\n' },
      ask: '/foo/a',
      gives: 'foo.yml#1 foo.yml#0',
    },
    { it: 'names the only document of a file plainly', files: { 'foo.yml': '---\n---\nb: 2\n' }, ask: '/foo/a', gives: 'foo.yml' },
    {
      it: 'gives nothing for a file with comments only',
      files: { 'foo.yml': '# nothing\n', 'foo-a.properties': '# nothing\n' },
      ask: '/foo/a',
      gives: '',
    },
    {
      it: 'takes an application that is listed twice where it is stronger',
      files: plain('x.yml', 'y.yml'),
      ask: '/x,y,x/a',
      gives: 'x.yml y.yml',
    },
    {
      it: 'takes an application with a slash for a path',
      files: plain('org/app.yml', 'org/app-a.yml', 'app.yml'),
      ask: '/org:app/a',
      gives: 'org/app-a.yml org/app.yml',
    },
    {
      it: 'takes odd names for names',
      files: plain('__proto__.yml', 'constructor.yml'),
      ask: '/__proto__,constructor/a',
      gives: 'constructor.yml __proto__.yml',
    },
  ])
})

describe('lookUp: activation', () => {
  const onProfile = (expression: string): string => text(['base: 1', '---', `spring.config.activate.on-profile: ${expression}`, 'more: 1'])
  table([
    {
      it: 'keeps a document for a profile at the place of its file',
      files: { 'application.yml': onProfile('a'), 'foo.yml': 'k: v' },
      ask: '/foo/a',
      gives: 'foo.yml application.yml#1 application.yml#0',
    },
    { it: 'leaves out what asks for another profile', files: { 'foo.yml': onProfile('b') }, ask: '/foo/a', gives: 'foo.yml#0' },
    { it: 'understands expressions', files: { 'foo.yml': onProfile('"!b & (a | c)"') }, ask: '/foo/a', gives: 'foo.yml#1 foo.yml#0' },
    { it: 'takes a comma text as alternatives', files: { 'foo.yml': onProfile('b, a') }, ask: '/foo/a', gives: 'foo.yml#1 foo.yml#0' },
    { it: 'takes a list as alternatives', files: { 'foo.yml': onProfile('[b, a]') }, ask: '/foo/a', gives: 'foo.yml#1 foo.yml#0' },
    { it: 'takes an empty text for no condition', files: { 'foo.yml': onProfile('""') }, ask: '/foo/a', gives: 'foo.yml#1 foo.yml#0' },
    {
      it: 'reads the relaxed spelling',
      files: { 'foo.yml': onProfile('a').replace('on-profile', 'onProfile') },
      ask: '/foo/b',
      gives: 'foo.yml#0',
    },
    {
      it: 'activates on default where it is asked for',
      files: { 'foo.yml': onProfile('default') },
      ask: '/foo/default',
      gives: 'foo.yml#1 foo.yml#0',
    },
    {
      it: 'leaves out documents of another cloud platform',
      files: { 'foo.yml': 'a: 1\n---\nspring.config.activate.on-cloud-platform: kubernetes\n' },
      ask: '/foo/a',
      gives: 'foo.yml#0',
    },
    {
      it: 'runs on no platform',
      files: { 'foo.yml': 'a: 1\n---\nspring.config.activate.on-cloud-platform: none\n' },
      ask: '/foo/a',
      gives: 'foo.yml#1 foo.yml#0',
    },
    {
      it: 'runs on the platform that a file enforces',
      files: {
        'application.yml': 'spring.main.cloud-platform: Kubernetes\n',
        'foo.yml': 'a: 1\n---\nspring.config.activate.on-cloud-platform: kubernetes\n',
      },
      ask: '/foo/a',
      gives: 'foo.yml#1 foo.yml#0 application.yml',
    },
    {
      it: 'needs platform and profile where both are asked for',
      files: { 'foo.yml': 'a: 1\n---\nspring.config.activate: {on-cloud-platform: none, on-profile: b}\n' },
      ask: '/foo/a',
      gives: 'foo.yml#0',
    },
  ])
})

describe('lookUp: profiles that files add', () => {
  const marked = plain('foo-p.yml', 'foo-inc1.yml', 'foo-inc2.yml', 'foo-m1.yml', 'foo-m2.yml', 'foo-g2.yml')
  table([
    {
      it: 'puts included profiles above those asked for',
      files: { ...marked, 'foo.yml': 'spring.profiles.include: inc1, inc2\n' },
      ask: '/foo/p',
      gives: 'foo-inc2.yml foo-inc1.yml foo-p.yml foo.yml',
    },
    {
      it: 'takes includes as a list',
      files: { ...marked, 'foo.yml': 'spring.profiles.include: [inc2, inc1]\n' },
      ask: '/foo/p',
      gives: 'foo-inc1.yml foo-inc2.yml foo-p.yml foo.yml',
    },
    {
      it: 'follows groups into groups',
      files: { ...marked, 'foo.yml': 'spring.profiles.group: {p: [g2, m1], g2: m2}\n' },
      ask: '/foo/p',
      gives: 'foo-m1.yml foo-m2.yml foo-g2.yml foo-p.yml foo.yml',
    },
    {
      it: 'expands the group of an included profile',
      files: { ...marked, 'foo.yml': 'spring.profiles: {include: inc1, group: {inc1: [m1]}}\n' },
      ask: '/foo/p',
      gives: 'foo-m1.yml foo-inc1.yml foo-p.yml foo.yml',
    },
    {
      it: 'survives a circle of groups',
      files: { ...marked, 'foo.yml': 'spring.profiles.group: {p: [m1], m1: [p]}\n' },
      ask: '/foo/p',
      gives: 'foo-m1.yml foo-p.yml foo.yml',
    },
    {
      it: 'ignores includes where default comes first',
      files: { ...marked, 'foo.yml': 'spring.profiles.include: inc1\n' },
      ask: '/foo/default',
      gives: 'foo.yml',
    },
    {
      it: 'ignores groups where default comes first',
      files: { ...marked, 'foo.yml': 'spring.profiles.group.p: [m1]\n' },
      ask: '/foo/Default,p',
      gives: 'foo-p.yml foo.yml',
    },
    {
      it: 'does not activate what spring.profiles.active says',
      files: { ...marked, 'foo.yml': 'spring.profiles.active: m1\n' },
      ask: '/foo/p',
      gives: 'foo-p.yml foo.yml',
    },
    {
      it: 'accepts an included profile in an expression',
      files: { 'foo.yml': 'spring.profiles.include: inc1\n---\nspring.config.activate.on-profile: inc1 & p\n' },
      ask: '/foo/p',
      gives: 'foo.yml#1 foo.yml#0',
    },
    {
      it: 'resolves placeholders of directives',
      files: { ...marked, 'foo.yml': 'which: inc1\nspring.profiles.include: ${which}\n' },
      ask: '/foo/p',
      gives: 'foo-inc1.yml foo-p.yml foo.yml',
    },
  ])
})

describe('lookUp: imports', () => {
  const imports = (what: string): string => `spring.config.import: ${what}\n`
  table([
    {
      it: 'puts an import directly above its importer',
      files: { 'foo.yml': imports('x.yml'), 'application.yml': 'k: v', ...plain('x.yml') },
      ask: '/foo/a',
      gives: 'x.yml foo.yml application.yml',
    },
    {
      it: 'keeps an import of a weak file weak',
      files: { 'application.yml': imports('x.yml'), ...plain('foo.yml', 'x.yml') },
      ask: '/foo/a',
      gives: 'foo.yml x.yml application.yml',
    },
    {
      it: 'puts later imports of a list first',
      files: { 'foo.yml': imports('[x.yml, y.yml]'), ...plain('x.yml', 'y.yml') },
      ask: '/foo/a',
      gives: 'y.yml x.yml foo.yml',
    },
    {
      it: 'takes a comma text for a list',
      files: { 'foo.yml': imports('"x.yml, y.yml"'), ...plain('x.yml', 'y.yml') },
      ask: '/foo/a',
      gives: 'y.yml x.yml foo.yml',
    },
    {
      it: 'groups what stands between semicolons',
      files: { 'foo.yml': imports('"x.yml;y.yml"'), ...plain('x.yml', 'y.yml', 'x-a.yml', 'y-a.yml') },
      ask: '/foo/a',
      gives: 'y-a.yml x-a.yml y.yml x.yml foo.yml',
    },
    {
      it: 'reads relative to the importing file',
      files: { 'sub/foo.yml': imports('x.yml'), ...plain('x.yml', 'sub/x.yml') },
      at: ['', 'sub/'],
      ask: '/foo/a',
      gives: 'sub/x.yml sub/foo.yml',
    },
    {
      it: 'climbs inside the root',
      files: { 'sub/foo.yml': imports('../x.yml'), ...plain('x.yml') },
      at: ['', 'sub/'],
      ask: '/foo/a',
      gives: 'x.yml sub/foo.yml',
    },
    {
      it: 'leaves out what lies outside the root',
      files: { 'foo.yml': imports('../x.yml'), ...plain('x.yml', '../x.yml') },
      ask: '/foo/a',
      gives: 'foo.yml',
    },
    {
      it: 'tries the profiles of an imported file',
      files: { 'foo.yml': imports('x.yml'), ...plain('x.yml', 'x-a.yml', 'foo-a.yml') },
      ask: '/foo/a',
      gives: 'x-a.yml foo-a.yml x.yml foo.yml',
    },
    {
      it: 'tries them without the plain file too',
      files: { 'foo.yml': imports('x.yml'), ...plain('x-a.yml') },
      ask: '/foo/a',
      gives: 'x-a.yml foo.yml',
    },
    {
      it: 'searches a folder for the base names',
      files: { 'foo.yml': imports('sub/'), ...plain('sub/foo.yml', 'sub/application.yml', 'sub/foo-a.yml', 'sub/bar.yml') },
      ask: '/foo/a',
      gives: 'sub/foo-a.yml sub/foo.yml sub/application.yml foo.yml',
    },
    {
      it: 'searches each folder that an asterisk means',
      files: { 'foo.yml': imports('conf/*/'), ...plain('conf/b/foo.yml', 'conf/a/foo.yml', 'conf/foo.yml') },
      ask: '/foo/a',
      gives: 'conf/b/foo.yml conf/a/foo.yml foo.yml',
    },
    {
      it: 'follows imports of imports',
      files: { 'foo.yml': imports('x.yml'), 'x.yml': imports('y.yml'), ...plain('y.yml') },
      ask: '/foo/a',
      gives: 'y.yml x.yml foo.yml',
    },
    { it: 'survives a circle', files: { 'foo.yml': imports('x.yml'), 'x.yml': imports('foo.yml') }, ask: '/foo/a', gives: 'x.yml foo.yml' },
    { it: 'survives an import of itself', files: { 'foo.yml': imports('foo.yml') }, ask: '/foo/a', gives: 'foo.yml' },
    {
      it: 'loads once what is imported twice',
      files: { 'foo.yml': imports('x.yml'), 'application.yml': imports('x.yml'), ...plain('x.yml') },
      ask: '/foo/a',
      gives: 'x.yml foo.yml application.yml',
    },
    {
      it: 'goes on without what is missing',
      files: { 'foo.yml': imports('[no.yml, optional:neither.yml, nowhere/, x.yml]'), ...plain('x.yml') },
      ask: '/foo/a',
      gives: 'x.yml foo.yml',
    },
    {
      it: 'goes on without other schemes',
      files: { 'foo.yml': imports('["http://127.0.0.1:1/x.yml", "configtree:/etc/", "classpath:x.yml", "vault://"]') },
      ask: '/foo/a',
      gives: 'foo.yml',
    },
    {
      it: 'runs imports of a document that activates',
      files: { 'foo.yml': `a: 1\n---\nspring.config.activate.on-profile: a\n${imports('x.yml')}`, ...plain('x.yml') },
      ask: '/foo/a',
      gives: 'x.yml foo.yml#1 foo.yml#0',
    },
    {
      it: 'does not run those of one that does not',
      files: { 'foo.yml': `a: 1\n---\nspring.config.activate.on-profile: b\n${imports('x.yml')}`, ...plain('x.yml') },
      ask: '/foo/a',
      gives: 'foo.yml#0',
    },
    {
      it: 'runs imports of a profile file',
      files: { 'foo-a.yml': imports('x.yml'), ...plain('foo.yml', 'x.yml') },
      ask: '/foo/a',
      gives: 'x.yml foo-a.yml foo.yml',
    },
    {
      it: 'reads a file without extension by its hint',
      files: { 'foo.yml': imports('"x[.yml]"'), ...plain('x') },
      ask: '/foo/a',
      gives: 'x foo.yml',
    },
    {
      it: 'resolves placeholders from what was read before',
      files: { 'application.yml': 'where: x\n', 'foo.yml': imports('${where}.yml'), ...plain('x.yml') },
      ask: '/foo/a',
      gives: 'x.yml foo.yml application.yml',
    },
  ])
})

describe('lookUp: what it refuses', () => {
  const rows: readonly (Given & { readonly it: string; readonly gives: string })[] = [
    {
      it: 'the legacy spring.profiles',
      files: { 'foo.yml': 'a: 1\nspring.profiles: x\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:2',
    },
    {
      it: 'the legacy spring.profiles as a list',
      files: { 'foo.yml': 'a: 1\nspring:\n  profiles: [x, y]\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:3',
    },
    {
      it: 'the legacy key in an inactive document',
      files: { 'foo.yml': 'a: 1\n---\nspring.config.activate.on-profile: z\nspring.profiles: x\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:4',
    },
    {
      it: 'the legacy key for default too',
      files: { 'foo.yml': 'spring.profiles: x\n' },
      ask: '/foo/default',
      gives: 'illegal-property foo.yml:1',
    },
    {
      it: 'an include in the file of a profile',
      files: { 'foo-a.yml': 'a: 1\nspring.profiles.include: x\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo-a.yml:2',
    },
    {
      it: 'active in the file of a profile',
      files: { 'foo-a.yml': 'spring.profiles.active: x\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo-a.yml:1',
    },
    {
      it: 'default in the file of a profile',
      files: { 'foo-a.properties': 'a=1\nspring.profiles.default=x\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo-a.properties:2',
    },
    {
      it: 'but none of them where default is asked for',
      files: { 'foo-default.yml': 'spring.profiles.include: x\n' },
      ask: '/foo/default',
      gives: 'no problem: foo-default.yml',
    },
    {
      it: 'an include in a document for a profile',
      files: { 'foo.yml': 'a: 1\n---\nspring.config.activate.on-profile: a\nspring.profiles.include: x\n' },
      ask: '/foo/b',
      gives: 'illegal-property foo.yml:4',
    },
    {
      it: 'a group of what is no profile',
      files: { 'foo.yml': 'a: 1\nspring.profiles.group.p: "a*b"\n' },
      ask: '/foo/p',
      gives: 'illegal-property foo.yml:2',
    },
    {
      it: 'a list of a group, one of which is no profile',
      files: { 'foo.yml': 'spring.profiles.group:\n  p:\n    - "a*b"\n' },
      ask: '/foo/p',
      gives: 'illegal-property foo.yml:3',
    },
    {
      it: 'but not a group in the file of a profile',
      files: { 'foo-a.yml': 'spring.profiles.group.a: x\n' },
      ask: '/foo/a',
      gives: 'no problem: foo-a.yml',
    },
    {
      it: 'an expression that mixes operators, whatever is asked for',
      files: { 'foo.yml': 'a: 1\n---\nspring.config.activate.on-profile: x & y | z\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:3',
    },
    {
      it: 'an unknown cloud platform',
      files: { 'foo.yml': 'a: 1\n---\nspring.config.activate.on-cloud-platform: moon\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:3',
    },
    {
      it: 'an included profile that is none',
      files: { 'foo.yml': 'a: 1\nspring.profiles.include: "*"\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:2',
    },
    {
      it: 'an import of another kind of file',
      files: { 'foo.yml': 'a: 1\nspring.config.import: x.txt\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:2',
    },
    {
      it: 'a directive that goes in a circle',
      files: { 'foo.yml': 'a: ${b}\nb: ${a}\nspring.config.import: ${a}.yml\n' },
      ask: '/foo/a',
      gives: 'illegal-property foo.yml:3',
    },
    { it: 'a broken file', files: { 'foo.yml': 'a: 1\nb: [\n' }, ask: '/foo/a', gives: 'unreadable-file foo.yml:3' },
  ]
  for (const row of rows) it(row.it, async () => expect(await problemOf(row)).to.equal(row.gives))

  it('does not read broken files that do not apply', async () => {
    expect(await order({ files: { 'foo.yml': 'k: v', 'bar.yml': 'a: [', 'foo-b.yml': 'a: [' }, ask: '/foo/a' })).to.equal('foo.yml')
  })

  const chain = (length: number): Files => ({
    'foo.yml': 'spring.config.import: x0.yml\n',
    ...Object.fromEntries(Array.from({ length }, (_, index) => [`x${index}.yml`, `spring.config.import: x${index + 1}.yml\n`])),
  })

  it('follows a long chain of imports, strongest last', async () => {
    const found = (await order({ files: chain(400), ask: '/foo/a' })).split(' ')
    expect([found.length, found[0], found.at(-1)]).to.deep.equal([401, 'x399.yml', 'foo.yml'])
  })

  it('a chain of more than 1,000 imports', async () => {
    expect(await problemOf({ files: chain(1100), ask: '/foo/a' })).to.match(/^too-large x\d+\.yml/)
  })

  it('not a file of 10,000 documents', async () => {
    const documents = Array.from({ length: 10_000 }, (_, index) => `k${index}: 1\n`).join('---\n')
    expect((await order({ files: { 'foo.yml': documents }, ask: '/foo/a' })).split(' ')).to.have.length(10_000)
  })
})
