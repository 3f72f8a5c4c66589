/** Told of bytes as they come, and whether they begin a packet or go on with one. Throws where one drips. */
export type Pace = (bytes: number, where: 'begins' | 'goes on') => void

/** What has to come at least in each span within a packet: slower than this nobody clones (bytes). */
const LEAST = 1000

/**
 * Ends what comes so slowly that it might as well be silence: a remote that drips a byte now and then would hold a look for hours. `span` is in seconds.
 * Between packets a remote may think as long as it says so, with short packets. (As `http.lowSpeedLimit` of Git.)
 */
export function paceOf(span: number, clock: () => number = Date.now): Pace {
  let since = 0
  let got = 0
  return (bytes, where) => {
    if (where === 'begins') {
      since = clock()
      got = 0
    }
    got += bytes
    if (clock() - since < span * 1000) return
    if (got < LEAST) throw new Error(`the remote sent ${got} bytes in ${span} s: expected ${LEAST} at least`)
    since = clock()
    got = 0
  }
}
