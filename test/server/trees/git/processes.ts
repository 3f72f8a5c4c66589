import { execFileSync } from 'node:child_process'

/** The command lines that hold a text, of all processes of the machine but zombies. */
export function processesWith(text: string): readonly string[] {
  return processes().flatMap(({ line, state }) => (line.includes(text) && !state.startsWith('Z') ? [line] : []))
}

/** The ids of this process's children whose command line holds a text. */
export function childrenWith(text: string): readonly number[] {
  return processes().flatMap(({ pid, parent, line, state }) =>
    parent === process.pid && line.includes(text) && !state.startsWith('Z') ? [pid] : [],
  )
}

function processes() {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
  return rows.map((row) => {
    const [, pid = '0', parent = '0', state = '', line = ''] = /^ *(\d+) +(\d+) +(\S+) +(.*)$/.exec(row) ?? []
    return { pid: Number(pid), parent: Number(parent), state, line }
  })
}
