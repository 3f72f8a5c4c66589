/** What several programs say, in the order in which it is said, and waiting for one of them to say something. */

/** How long anything may take (ms). */
const PATIENCE = 15_000

/** `hear(who, text)`, `mark()`, and `until(who, pattern, from)`, which resolves to `{ who, text, at }` and throws what was said instead. `at` is performance.now(). */
export function openTranscript(onLine) {
  const lines = []
  const waiting = new Set()
  const hear = (who, text) => {
    const line = { who, text, at: performance.now() }
    lines.push(line)
    onLine(line)
    for (const look of waiting) look()
  }
  const until = (who, pattern, from = 0) =>
    new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      const look = () => {
        const line = lines.slice(from).find((each) => each.who === who && pattern.test(each.text))
        if (line === undefined) return
        end()
        resolve(line)
      }
      const timer = setTimeout(() => {
        end()
        const said = lines.slice(-20).map((each) => `  ${each.who}: ${each.text}`)
        reject(new Error(`${who} did not say ${pattern} in ${PATIENCE / 1000} s. Said last:\n${said.join('\n')}`))
      }, PATIENCE)
      waiting.add(look)
      look()
    })
  return { hear, until, mark: () => lines.length }
}
