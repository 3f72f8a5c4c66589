/** A Git host on loopback, as small as one can be: it lets a repository be fetched over HTTP, and calls a webhook after a push, as GitHub does. */
import { spawn } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

/** Serves the repository in a folder. Resolves to its URL and `close()`. */
export async function startGitHost(repository) {
  const server = createServer((request, response) => answer(repository, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${server.address().port}/shop-config.git`, close }
}

/** GitHub's delivery of a push, signed. Resolves to what it sent and what came back. */
export async function deliverPush({ hook, secret, repository, push }) {
  const { before, after, message, files } = push
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    before,
    after,
    repository: { full_name: 'bell-street/shop-config', clone_url: repository },
    commits: [{ id: after, message, added: [], removed: [], modified: files }],
  })
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': signature,
  }
  const answer = await fetch(hook, { method: 'POST', headers, body })
  return { signature, status: answer.status, text: await answer.text() }
}

/** Git's own protocol over HTTP is `git upload-pack` with a line in front: see gitprotocol-http(5). */
function answer(repository, request, response) {
  const { pathname } = new URL(request.url, 'http://localhost')
  const asksForRefs = pathname.endsWith('/info/refs')
  if (!asksForRefs && !pathname.endsWith('/git-upload-pack')) return response.writeHead(404).end()
  response.writeHead(200, { 'content-type': `application/x-git-upload-pack-${asksForRefs ? 'advertisement' : 'result'}` })
  if (asksForRefs) response.write('001e# service=git-upload-pack\n0000')
  const protocol = request.headers['git-protocol']
  const git = spawn('git', ['upload-pack', '--stateless-rpc', ...(asksForRefs ? ['--advertise-refs'] : []), repository], {
    env: { ...process.env, ...(protocol === undefined ? {} : { GIT_PROTOCOL: protocol }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // A client that went away is no trouble of the host.
  git.stdin.on('error', () => {})
  request.pipe(git.stdin)
  git.stdout.pipe(response)
}
