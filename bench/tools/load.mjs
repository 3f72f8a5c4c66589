// Asks one address for some seconds and prints what it saw as JSON: node load.mjs URL SECONDS [HEADERS AS JSON]
import autocannon from 'autocannon'

const [url, seconds, headers = '{}'] = process.argv.slice(2)
const result = await autocannon({ url, duration: Number(seconds), connections: 32, headers: JSON.parse(headers) })
const { requests, latency, errors, non2xx } = result
console.log(
  JSON.stringify({ total: requests.total, perSecond: requests.average, p99: latency.p99, errors, refused: non2xx - (result['3xx'] ?? 0) }),
)
