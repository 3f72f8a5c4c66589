// Asks one address at a fixed rate until SIGTERM, and prints what it saw as JSON: node rate.mjs URL RATE
import autocannon from 'autocannon'

const [url, rate] = process.argv.slice(2)
const running = autocannon({ url, duration: 3_600, connections: 8, overallRate: Number(rate) }, (error, result) => {
  if (error) throw error
  const { requests, latency, errors, non2xx } = result
  console.log(JSON.stringify({ total: requests.total, p99: latency.p99, slowest: latency.max, refused: errors + non2xx }))
})
process.once('SIGTERM', () => running.stop())
