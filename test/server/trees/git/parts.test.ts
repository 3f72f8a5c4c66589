import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { bareUrl, isDirect, schemeOf, sshPlace } from '../../../../server/src/trees/git/address.js'
import { reachOf } from '../../../../server/src/trees/git/ancestry.js'
import { createRepository, findRepository, openGitTree } from '../../../../server/src/trees/git/index.js'
import { packet, readAdvertisement, readPack } from '../../../../server/src/trees/git/isomorphic/wire.js'
import { openLabels } from '../../../../server/src/trees/git/labels.js'
import { openLooks } from '../../../../server/src/trees/git/looks.js'
import { keepObjects, LARGEST_OBJECT, type ObjectStore, type Objects, type ObjectType } from '../../../../server/src/trees/git/objects.js'
import { authorOfCommit, parseTree } from '../../../../server/src/trees/git/parse.js'
import { isRefName } from '../../../../server/src/trees/git/refs.js'
import { isRefusal } from '../../../../server/src/trees/git/remote.js'
import { peel } from '../../../../server/src/trees/git/resolve.js'
import { readBatch } from '../../../../server/src/trees/git/system/batch-answers.js'
import { readList } from '../../../../server/src/trees/git/system/remote.js'
import { failureOf } from '../../../../server/src/trees/git/system/words.js'
import { openUnknownLabels } from '../../../../server/src/trees/git/unknown.js'
import { git, gitOptions, makeRepository, makeScratch, text, write } from '../repositories.js'

const scratch = makeScratch()
afterEach(() => scratch.clear())

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    ({ message }) => message as string,
  )
async function* inPieces(data: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(data as string, 'latin1')
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('isDirect', () => {
  const table: ReadonlyArray<readonly [string, readonly string[], boolean]> = [
    ['git.example.org', ['*.example.org'], true],
    ['example.org', ['*.example.org'], false],
    ['GIT.example.org', ['git.EXAMPLE.org'], true],
    ['gitxexample.org', ['git.example.org'], false],
    ['10.1.2.3', ['localhost', '10.*'], true],
    ['[::1]', ['[::1]'], true],
    ['host', [], false],
    ['host', ['*'], true],
    ['a.host', ['host'], false],
  ]
  for (const [host, patterns, expected] of table) {
    it(`${host} against ${patterns.join('|') || 'nothing'}: ${expected}`, () => expect(isDirect(host, patterns)).to.equal(expected))
  }
})

describe('isRefName', () => {
  it('takes what git takes, and nothing with a leading dash', () => {
    const names = ['main', 'a/b', 'v1.0', '1', 'grüße', '@', 'a.b/c-d_e', 'x{y', 'a@b', 'HEAD']
    const wrong = [
      '',
      '/a',
      'a/',
      'a//b',
      '.a',
      'a/.b',
      'a..b',
      'a.',
      'a.lock',
      'a.lock/b',
      'a b',
      'a~1',
      'a^',
      'a:b',
      'a?',
      'a*',
      'a[b',
      'a\\b',
      'a@{1}',
      '-a',
      'a\0',
      'a\x7f',
    ]
    for (const name of names) expect(isRefName(name), name).to.equal(true)
    for (const name of wrong) expect(isRefName(name), JSON.stringify(name)).to.equal(false)
  })
})

describe('parseTree', () => {
  const entry = (mode: string, name: string) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, 0xab)])

  it('sorts by code unit and leaves out names that no path can reach', () => {
    const names = ['a.txt', 'a', '.git', '..', '.', 'x/y', 'B', '.GIT', '.gitignore']
    const entries = parseTree(Buffer.concat(names.map((name) => entry(name === 'a' ? '40000' : '100644', name))))
    expect(entries.map(({ name }) => name)).to.deep.equal(['.gitignore', 'B', 'a', 'a.txt'])
  })

  it('refuses a tree that ends too early', () => {
    expect(() => parseTree(entry('100644', 'a').subarray(0, 20))).to.throw('ends in the middle')
  })
})

describe('authorOfCommit', () => {
  const bytes = (...lines: readonly string[]) =>
    Buffer.from(['tree 1', ...lines, 'committer c <c@x> 1 +0000', '', 'author m <m@x> 1 +0000'].join('\n'))
  const rows: ReadonlyArray<readonly [string, { readonly author: string; readonly authored: string } | undefined]> = [
    ['author Ada Lovelace <ada@x> 1767225600 +0200', { author: 'Ada Lovelace', authored: '2026-01-01T00:00:00Z' }],
    ['author  <ada@x> 0 -0100', { author: 'nobody by name', authored: '1970-01-01T00:00:00Z' }],
    ['author \u001b[31mred\r <> 0 +0000', { author: '[31mred', authored: '1970-01-01T00:00:00Z' }],
    [`author ${'x'.repeat(1000)} <> 0 +0000`, { author: 'x'.repeat(100), authored: '1970-01-01T00:00:00Z' }],
    ['author Ada', undefined],
    ['', undefined],
  ]
  for (const [line, expected] of rows)
    it(`reads ${JSON.stringify(line.slice(0, 40))}`, () => expect(authorOfCommit(bytes(line))).to.deep.equal(expected))
})

describe('reachOf', () => {
  const idOf = (number: number) => number.toString(16).padStart(40, '0')
  /** Commits that are numbers, each with its parents; what is asked for is counted. */
  const history = (parents: (number: number) => readonly number[] | undefined) => {
    let looked = 0
    const objects: Pick<Objects, 'find'> = {
      find: async (id) => {
        looked += 1
        const found = parents(Number.parseInt(id, 16))
        const bytes = Buffer.from(`tree ${idOf(0)}\n${found?.map((each) => `parent ${idOf(each)}\n`).join('')}author a\n\nparent ${id}`)
        return found === undefined ? undefined : { type: 'commit', size: bytes.length, bytes }
      },
    }
    const reach = (tip: number, commit: number) => reachOf(objects as Objects, idOf(tip), idOf(commit))
    return { reach, looked: () => looked }
  }
  /** A line of commits from the last to 0, and one of another, at 1,000,000, that leaves it 5 before its end. */
  const line = (last: number) =>
    history((number) => {
      if (number >= 1_000_000) return [number === 1_000_000 ? last - 5 : number - 1]
      return number > last ? undefined : number === 0 ? [] : [number - 1]
    })

  const rows: ReadonlyArray<readonly [string, tip: number, commit: number, expected: string]> = [
    ['itself', 7, 7, 'reached'],
    ['an ancestor', 50_000, 49_990, 'reached'],
    ['an ancestor as far as it looks', 50_000, 40_001, 'reached'],
    ['an ancestor that is farther', 50_000, 39_999, 'far'],
    ['a descendant', 49_990, 50_000, 'behind'],
    ['a descendant as far as it looks', 40_001, 50_000, 'behind'],
    ['a descendant that is farther', 39_999, 50_000, 'far'],
    ['another line', 50_000, 1_000_003, 'apart'],
    ['the line that another has left', 1_000_003, 50_000, 'apart'],
    ['another line that is far away', 1_020_000, 50_000, 'far'],
    ['what is not here', 50_000, 60_000, 'unknown'],
  ]
  for (const [what, tip, commit, expected] of rows)
    it(`says of ${what}: ${expected}`, async () => expect(await line(50_000).reach(tip, commit)).to.equal(expected))

  it('looks at what lies between two commits, and not at all that both lead to', async () => {
    for (const [tip, commit] of [
      [50_000, 49_990],
      [49_990, 50_000],
      [50_000, 1_000_003],
      [1_000_030, 50_000],
    ] as const) {
      const { reach, looked } = line(50_000)
      await reach(tip, commit)
      expect(looked(), `${tip} and ${commit}`).to.be.lessThan(150)
    }
  })

  /** Of each commit, itself and its ancestors. */
  const lineagesOf = (parents: ReadonlyArray<readonly number[]>) => {
    const found: ReadonlySet<number>[] = []
    for (const [number, each] of parents.entries()) found.push(new Set([number, ...each.flatMap((parent) => [...(found[parent] ?? [])])]))
    return found
  }

  it('is right about every two commits of any history', async () => {
    const anyHistory = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 2, maxLength: 25 })
      .map((seeds) => seeds.map((each, number) => (number === 0 ? [] : each.map((seed) => seed % number))))
    await fc.assert(
      fc.asyncProperty(anyHistory, async (parents) => {
        const { reach } = history((number) => parents[number])
        const pairs = lineagesOf(parents).flatMap((ours, tip, all) => all.map((theirs, commit) => ({ ours, tip, theirs, commit })))
        for (const { ours, tip, theirs, commit } of pairs)
          expect(await reach(tip, commit)).to.equal(ours.has(commit) ? 'reached' : theirs.has(tip) ? 'behind' : 'apart')
      }),
    )
  })
})

describe('readAdvertisement', () => {
  const id = (digit: string) => digit.repeat(40)
  const lines = [
    packet('# service=git-upload-pack\n'),
    '0000',
    packet(`${id('1')} HEAD\0side-band-64k symref=HEAD:refs/heads/main agent=x\n`),
    packet(`${id('1')} refs/heads/main\n`),
    packet(`${id('2')} refs/pull/7/head\n`),
    packet(`${id('3')} refs/tags/t\n`),
    packet(`${id('1')} refs/tags/t^{}\n`),
    '0000',
  ]

  it('reads branches, tags and HEAD, in pieces of any size', async () => {
    for (const size of [1, 3, 7, 1000]) {
      const { refs, head, capabilities } = await readAdvertisement(inPieces(lines.join(''), size))
      expect([...refs]).to.deep.equal([
        ['refs/heads/main', id('1')],
        ['refs/tags/t', id('3')],
      ])
      expect(head).to.equal('refs/heads/main')
      expect(capabilities.has('side-band-64k')).to.equal(true)
    }
  })

  it('refuses what ends too early, errors and garbage', async () => {
    expect(await failure(readAdvertisement(inPieces(lines.slice(0, -1).join(''), 99)))).to.contain('not complete')
    expect(await failure(readAdvertisement(inPieces(lines.join('').slice(0, -9), 99)))).to.contain('middle of a packet')
    expect(await failure(readAdvertisement(inPieces('', 99)))).to.contain('not complete')
    expect(await failure(readAdvertisement(inPieces(packet('ERR go away'), 99)))).to.contain('go away')
    expect(await failure(readAdvertisement(inPieces('<html>', 99)))).to.contain('not Git')
  })
})

describe('readList', () => {
  const id = (digit: string, length = 40) => digit.repeat(length)

  it('reads what git ls-remote prints: branches, tags and HEAD', () => {
    const lines = ['ref: refs/heads/main\tHEAD', `${id('1')}\tHEAD`, `${id('1')}\trefs/heads/main`, `${id('2')}\trefs/pull/7/head`]
    const { refs, head, idLength } = readList([...lines, `${id('3')}\trefs/tags/t`, `${id('1')}\trefs/tags/t^{}`, ''].join('\n'))
    expect(Object.fromEntries(refs)).to.deep.equal({ 'refs/heads/main': id('1'), 'refs/tags/t': id('3') })
    expect([head, idLength]).to.deep.equal(['refs/heads/main', 40])
  })

  it('knows a detached HEAD, one that is not born, long ids and nothing at all', () => {
    const heads = [
      `${id('9')}\tHEAD\n${id('1')}\trefs/heads/a\n`,
      'ref: refs/heads/unborn\tHEAD\n',
      `${id('4', 64)}\trefs/heads/long\n`,
      `${id('5', 64)}\tHEAD\n`,
      '',
    ]
    expect(heads.map((text) => readList(text)).map(({ head, idLength }) => [head, idLength])).to.deep.equal([
      [id('9'), 40],
      [undefined, 40],
      [undefined, 64],
      [id('5', 64), 64],
      [undefined, 40],
    ])
  })
})

describe('readBatch', () => {
  const collect = (text: string, options: { readonly body: 'follows' | 'none'; readonly size: number }) => {
    const answers: string[] = []
    const take = readBatch({
      body: options.body,
      largest: 5,
      onAnswer: ({ id, object }) =>
        answers.push(`${id.slice(0, 3)} ${object?.type} ${object?.size} ${object && Buffer.from(object.bytes).toString('latin1')}`),
    })
    for (let at = 0; at < text.length; at += options.size) take(Buffer.from(text.slice(at, at + options.size), 'latin1'))
    return answers
  }
  const [a, b] = ['a'.repeat(40), 'b'.repeat(64)]

  it('reads objects in pieces of any size, and skips what is too large', () => {
    const text = `${a} blob 3\none\n${b} tree 0\n\nccc missing\n${a} blob 7\ntoo big\n${a} commit 5\n1\n3\n5\nddd ambiguous\n`
    const expected = [
      'aaa blob 3 one',
      'bbb tree 0 ',
      'ccc undefined undefined undefined',
      'aaa blob 7 ',
      'aaa commit 5 1\n3\n5',
      'ddd undefined undefined undefined',
    ]
    for (const size of [1, 2, 3, 7, 50, 1000]) expect(collect(text, { body: 'follows', size }), String(size)).to.deep.equal(expected)
  })

  it('reads headers alone', () => {
    expect(collect(`${a} blob 3\n${b} tree 9\n`, { body: 'none', size: 9 })).to.deep.equal(['aaa blob 3 ', 'bbb tree 9 '])
  })

  it('refuses what is no answer', () => {
    expect(() => collect('hello\n', { body: 'follows', size: 9 })).to.throw('something else')
    expect(() => collect('x'.repeat(5000), { body: 'follows', size: 999 })).to.throw('something else')
  })
})

describe('failureOf', () => {
  const rows: ReadonlyArray<readonly [string, string, ('refused' | 'failed')?]> = [
    ['fatal: bad thing\n', 'git says: fatal: bad thing'],
    ['remote: Counting objects: 50% (1/2)\rwarning: w\nerror: one\nfatal: two\n', 'git says: error: one; fatal: two'],
    ['fatal: Authentication failed for x', 'check the username and password (git says: fatal: Authentication failed for x)', 'refused'],
    [
      'sh: 1: ssh: not found\nfatal: x',
      'there is no ssh in PATH: install openssh-client (git says: sh: 1: ssh: not found; fatal: x)',
      'refused',
    ],
    ['fatal: unable to access x: Could not resolve host', 'git says: fatal: unable to access x: Could not resolve host'],
    ['', 'git says: no reason given'],
  ]
  for (const [text, said, how = 'failed'] of rows) {
    it(`makes of ${JSON.stringify(text.slice(0, 30))}`, () => {
      const failure = failureOf(text)
      expect([failure.message, isRefusal(failure) ? 'refused' : 'failed']).to.deep.equal([said, how])
    })
  }
})

describe('addresses', () => {
  const rows: ReadonlyArray<readonly [uri: string, scheme: string | undefined, shown: string, place: string]> = [
    ['https://bob:pw@host/r.git?x#y', 'https', 'https://host/r.git', ''],
    ['ssh://bob:pw@host:2222/r.git', 'ssh', 'ssh://bob@host:2222/r.git', 'bob@host port 2222'],
    ['ssh://[::1]/r', 'ssh', 'ssh://[::1]/r', 'undefined@::1 port 22'],
    ['git@host:team/r.git/', 'ssh', 'git@host:team/r.git', 'git@host port 22'],
    ['git@[::1]:r', 'ssh', 'git@[::1]:r', 'git@::1 port 22'],
    ['git@[host:2222]:/r', 'ssh', 'git@[host:2222]:/r', 'git@host port 2222'],
  ]
  for (const [uri, scheme, shown, wanted] of rows) {
    it(`are told apart and shown without passwords: ${uri}`, () => {
      expect([schemeOf(uri), bareUrl(uri)]).to.deep.equal([scheme, shown])
      const { host, port, user } = sshPlace(uri)
      if (scheme === 'ssh') expect(`${user}@${host} port ${port}`).to.equal(wanted)
    })
  }

  it('are none where a path is meant', () => {
    for (const path of ['/srv/r', './a@b:c', 'C:/r', 'r']) expect(schemeOf(path), path).to.equal(undefined)
  })
})

describe('readPack', () => {
  const collect = async (data: string) => {
    const chunks: Buffer[] = []
    for await (const chunk of readPack(inPieces(data, 5))) chunks.push(chunk)
    return Buffer.concat(chunks).toString('latin1')
  }

  it('gives band 1 and skips acknowledgements and progress', async () => {
    expect(await collect(`${packet('NAK\n')}${packet('\x02counting')}${packet('\x01PA')}${packet('\x01CK')}0000`)).to.equal('PACK')
  })

  it('throws what the remote says, and on an early end', async () => {
    expect(await failure(collect(packet('\x03out of disk\n')))).to.equal('the remote says: out of disk')
    expect(await failure(collect(packet('\x01PA')))).to.contain('not complete')
  })
})

describe('keepObjects', () => {
  it('says too-large for a folder and a tag over the limit, and takes neither for an empty one', async () => {
    const load = async (id: string) => ({ type: id as ObjectType, size: LARGEST_OBJECT + 1, bytes: new Uint8Array() })
    const objects = keepObjects({ idLength: 40, load } as unknown as ObjectStore)
    expect(await failure(objects.tree('tree'))).to.contain(`has ${LARGEST_OBJECT + 1} bytes`)
    expect(await failure(peel(objects, 'tag'))).to.contain(`has ${LARGEST_OBJECT + 1} bytes`)
  })
})

describe('openLabels', () => {
  const open = (refs: Map<string, string>, limit = 1000) => {
    const moves: string[] = []
    const find = async (label: string) => {
      if (refs.get(label) === 'broken') throw new Error(label)
      return refs.get(label)
    }
    const onMove = (label: string, from?: string, to?: string) => {
      moves.push(`${label} ${from} ${to}`)
      if (label === 'bad') throw new Error('subscriber')
    }
    return {
      moves,
      labels: openLabels({ defaultLabel: 'main', find, onMove, onTrouble: ({ message }) => moves.push(`! ${message}`), limit }),
    }
  }

  it('keeps a bounded number of labels, and always the default', async () => {
    const refs = new Map(['main', 'a', 'b', 'c'].map((label) => [label, `${label}1`]))
    const { labels } = open(refs, 2)
    for (const label of refs.keys()) await labels.resolve(label)
    expect(['main', 'a', 'b', 'c'].map(labels.current)).to.deep.equal(['main1', undefined, 'b1', 'c1'])
  })

  it('forgets the label that was asked for longest ago, however often all of them are looked up meanwhile', async () => {
    const refs = new Map(['main', 'a', 'b', 'c', 'd', 'e'].map((label) => [label, `${label}1`]))
    const { labels } = open(refs, 3)
    for (const label of ['a', 'b', 'c']) await labels.resolve(label)
    labels.current('a')
    refs.set('b', 'b2')
    for (let look = 0; look < 3; look++) await labels.refresh()
    expect(['b1', 'b2'].map(labels.isMeant)).to.deep.equal([false, true])
    for (const label of ['d', 'e']) await labels.resolve(label)
    expect(['a', 'b', 'c', 'd', 'e'].map(labels.current)).to.deep.equal(['a1', undefined, undefined, 'd1', 'e1'])
  })

  it('moves what can be looked up and keeps the rest, whatever subscribers do', async () => {
    const refs = new Map(['main', 'bad', 'c'].map((label) => [label, '1']))
    const { labels, moves } = open(refs)
    for (const label of refs.keys()) await labels.resolve(label)
    for (const [label, to] of [
      ['main', 'broken'],
      ['bad', '2'],
      ['c', '3'],
    ] as const)
      refs.set(label, to)
    expect(await labels.refresh()).to.equal(false)
    expect(['main', 'bad', 'c'].map(labels.current)).to.deep.equal(['1', '2', '3'])
    expect(moves.slice(4).sort()).to.deep.equal(['! main', '! subscriber', 'bad 1 2', 'c 1 3'])
    expect(labels.isComplete()).to.equal(false)
    refs.set('main', '4')
    expect([await labels.refresh(), labels.isComplete(), labels.current('main')]).to.deep.equal([true, true, '4'])
  })
})

describe('openUnknownLabels', () => {
  it('asks at most once a second for all labels, and once in 5 s for the same', async () => {
    let now = 0
    let looks = 0
    const look = async () => {
      looks += 1
    }
    const unknown = openUnknownLabels({ clock: () => now, look })
    const asked: number[] = []
    for (const [time, label] of [
      [0, 'a'],
      [10, 'b'],
      [1000, 'b'],
      [2000, 'a'],
      [2100, 'c'],
      [5000, 'a'],
      [5500, 'b'],
      [6100, 'b'],
    ] as const) {
      now = time
      await unknown.ask(label)
      asked.push(looks)
    }
    expect(asked).to.deep.equal([1, 1, 2, 2, 3, 4, 4, 5])
    unknown.clear()
    now = 7200
    await unknown.ask('b')
    expect(looks).to.equal(6)
  })

  it('shares a look that is under way, and survives its failure', async () => {
    let looks = 0
    const unknown = openUnknownLabels({
      look: async () => {
        looks += 1
        throw new Error('down')
      },
    })
    await Promise.all(['a', 'b', 'c', 'a'].map(unknown.ask))
    expect(looks).to.equal(1)
  })
})

describe('openLooks', () => {
  it('runs one look at a time; whoever asks during one gets the next, shared', async () => {
    const finish: Array<() => void> = []
    const looks = openLooks({ look: () => new Promise((resolve) => finish.push(resolve)), interval: () => undefined })
    const signal = new AbortController().signal
    const asked = [looks.now(signal), looks.now(signal)]
    expect(finish).to.have.length(1)
    finish[0]?.()
    while (finish.length < 2) await new Promise(setImmediate)
    finish[1]?.()
    await Promise.all(asked)
    expect(finish).to.have.length(2)
    await looks.close()
    await looks.close()
  })

  it('waits longer after each failure, but never longer than the interval', async () => {
    let now = 0
    const looks = openLooks({ look: () => Promise.reject(new Error('down')), interval: () => 5000, clock: () => now, random: () => 1 })
    const pauses: number[] = []
    for (let round = 0; round < 5; round += 1) {
      await looks.now(new AbortController().signal).catch(() => undefined)
      for (now += 1; looks.isBackingOff(); now += 1) pauses[round] = (pauses[round] ?? 1) + 1
    }
    await looks.close()
    expect(pauses.at(-1)).to.equal(5000)
    expect(pauses).to.deep.equal([...pauses].sort((a, b) => a - b))
  })

  it('fails 20 times with longer and longer pauses, and no more often because somebody asks', async () => {
    let now = 0
    let looked = 0
    const look = () => {
      looked += 1
      return Promise.reject(new Error(`down ${looked}`))
    }
    const looks = openLooks({ look, interval: () => 60_000, clock: () => now, random: () => 0 })
    await new Promise(setImmediate)
    const asked: string[] = []
    const times: number[] = []
    while (looked < 20) {
      const before = looked
      const outcome = looks.now(new AbortController().signal).then(
        () => 'looked',
        ({ message }: Error) => message,
      )
      asked.push(await outcome)
      if (looked > before) times.push(now)
      now += 500
    }
    await looks.close()
    // Up to the fifth whoever asks is heard; from then on 8, 16 and 30 s lie between, half of what is meant by the worst luck.
    const pauses = times.slice(4).map((time, index) => time - (times[index + 3] ?? 0))
    expect(pauses.slice(0, 3)).to.deep.equal([8_000, 16_000, 30_000])
    expect(new Set(pauses.slice(3))).to.deep.equal(new Set([30_000]))
    expect(asked.length).to.be.greaterThan(20 * looked)
    expect(new Set(asked).size).to.be.at.most(looked)
  })

  it('gives one a second to who asks without end', async () => {
    let now = 0
    let looked = 0
    const look = async () => {
      looked += 1
    }
    const sleep = async (time: number) => {
      now += time
    }
    const looks = openLooks({ look, interval: () => undefined, clock: () => now, sleep })
    for (let asked = 0; asked < 200; asked += 1) await looks.now(new AbortController().signal)
    await looks.close()
    expect(looked).to.be.within(200, 201)
    expect(now).to.be.within(178_000, 182_000)
  })

  it('ends a look that takes too long, and one that waits when it is closed', async () => {
    const look = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))
    const looks = openLooks({ look, interval: () => undefined, longest: 20 })
    const failures = [1, 2].map(() => looks.now(new AbortController().signal).catch(({ message }: Error) => message))
    expect(await Promise.all(failures)).to.deep.equal(['it took too long', 'it took too long'])
    const last = looks.now(new AbortController().signal).catch(({ message }: Error) => message)
    await looks.close()
    expect(await last).to.equal('the repository is closed')
  })

  it('counts the pause after a failure from the start of the look', async () => {
    let now = 0
    const look = () => {
      now += 700
      return Promise.reject(new Error('it hung'))
    }
    const looks = openLooks({ look, interval: () => 5000, clock: () => now, random: () => 1 })
    await new Promise(setImmediate)
    while (looks.isBackingOff()) now += 1
    await looks.close()
    expect(now).to.equal(1000)
  })
})

describe('findRepository', () => {
  it('tells a work tree, a folder in one, a bare repository, a folder and nothing', async () => {
    const folder = scratch.folder()
    const work = makeRepository(join(folder, 'work'), { 'a/b/c.yml': 'c: 1' })
    git(folder, 'clone', '-q', '--bare', 'work', 'bare.git')
    mkdirSync(join(folder, 'plain'))
    writeFileSync(join(folder, 'file'), '')
    const bare = join(folder, 'bare.git')
    expect(await findRepository(work)).to.deep.equal({ kind: 'work-tree', gitdir: join(work, '.git'), root: work, inside: '' })
    expect(await findRepository(join(work, 'a/b'))).to.deep.equal({
      kind: 'work-tree',
      gitdir: join(work, '.git'),
      root: work,
      inside: 'a/b',
    })
    expect(await findRepository(bare)).to.deep.equal({ kind: 'bare', gitdir: bare, root: bare, inside: '' })
    expect(await findRepository(join(folder, 'plain'))).to.deep.equal({ kind: 'folder', root: join(folder, 'plain') })
    expect(await findRepository(join(folder, 'absent'))).to.deep.equal({ kind: 'absent', root: join(folder, 'absent') })
    expect(await findRepository(join(folder, 'file'))).to.include({ kind: 'absent' })
  })
})

describe('createRepository', () => {
  const author = { name: 'A', email: 'a@x' }

  it('makes a repository that git finds clean, and that people can commit in', async () => {
    const folder = scratch.folder()
    write(join(folder, 'from'), { 'a.yml': 'a: 1\n', 'd/run.sh': 'x', '.git/config': 'not this' })
    execFileSync('chmod', ['+x', join(folder, 'from/d/run.sh')])
    const to = join(folder, 'deep/to')
    await createRepository({ from: join(folder, 'from'), to, author })
    expect(git(to, 'status', '--porcelain', '--branch')).to.equal('## main')
    expect(git(to, 'ls-files', '-s').replace(/ [0-9a-f]{40} 0/g, '')).to.equal('100644\ta.yml\n100755\td/run.sh')
    expect(git(to, 'rev-list', '--count', 'HEAD')).to.equal('1')
    git(to, 'commit', '-q', '--allow-empty', '-m', 'mine')
    expect(await text(scratch.closing(openGitTree(gitOptions(to, ''))), 'main', 'a.yml')).to.equal('a: 1\n')
  })

  it('leaves nothing behind where the place is taken', async () => {
    const folder = scratch.folder()
    write(join(folder, 'from'), { 'a.yml': 'a: 1\n' })
    write(join(folder, 'to'), { 'mine.txt': 'x' })
    expect(await failure(createRepository({ from: join(folder, 'from'), to: join(folder, 'to'), author }))).to.match(/ENOTEMPTY|EEXIST/)
    expect(readdirSync(folder).sort()).to.deep.equal(['from', 'to'])
  })
})

describe('openGitTree', () => {
  it('refuses schemes that the engine does not speak', () => {
    for (const uri of ['ssh://git@host/x', 'git://host/x', 'git@host:x/y.git'])
      expect(() => openGitTree(gitOptions(uri, '', { engine: 'isomorphic' }))).to.throw('does not speak')
  })
})
