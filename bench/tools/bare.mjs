// A bare node:http server that sends recorded answers: node bare.mjs FILE, where FILE holds {path: {status, headers, body, encoding}}
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const answers = new Map(
  Object.entries(JSON.parse(readFileSync(process.argv[2], 'utf8'))).map(([path, { status, headers, body, encoding }]) => [
    path,
    { status, headers: Object.entries(headers).flat(), body: Buffer.from(body, encoding) },
  ]),
)
const server = createServer((request, response) => {
  const answer = answers.get(request.url)
  response.writeHead(answer.status, answer.headers)
  response.end(answer.status === 304 ? undefined : answer.body)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => process.exit(0))
