/** The server's log, one JSON object a line, as sentences. */

/** Tells a line of the log; of an ack, who sent it and why. `nameOf` gives the name of the instance with a process id. */
export function hearServer(text, { tell, nameOf }) {
  const { msg, instance, outcome, reason } = parse(text)
  if (instance === undefined || outcome === undefined) return tell(msg)
  // application:process id:random
  const name = nameOf(Number(instance.split(':').at(-2)))
  tell(`ack of ${name}: ${outcome}${reason === undefined ? '' : ` (${reason.path}: ${reason.code})`}`)
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return { msg: text }
  }
}
