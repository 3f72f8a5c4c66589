/** The screen of the demo: numbered steps, and what the programs say below them with the time since the commit. */

const isTerminal = process.stdout.isTTY && process.env.NO_COLOR === undefined
const styled = (code) => (text) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text)
const bold = styled(1)
const dim = styled(2)

/** `title`, `step`, `say`, `line`; `line` shows the milliseconds since `restartClock`, until `stopClock`. */
export function openScreen(write = (text) => process.stdout.write(text)) {
  let number = 0
  let zero
  return {
    title: (text) => write(`${bold(text)}\n`),
    step: (title) => {
      number += 1
      write(`\n${bold(`${number}  ${title}`)}\n`)
    },
    say: (text) => write(`   ${text}\n`),
    line: ({ who, text, at }) => {
      const time = zero === undefined || at === undefined ? '' : `+ ${Math.round(at - zero)} ms`
      write(`   ${dim(time.padStart(9))}  ${who.padEnd(6)}  ${text}\n`)
    },
    restartClock: () => {
      zero = performance.now()
    },
    stopClock: () => {
      zero = undefined
    },
  }
}
