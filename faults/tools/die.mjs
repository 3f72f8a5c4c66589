// Loaded into a server (node --import): dies at the fault point that the file named by FAULTS_DIE_AT holds, once.
import { subscribe } from 'node:diagnostics_channel'
import { existsSync, readFileSync, rmSync } from 'node:fs'

const order = process.env.FAULTS_DIE_AT ?? ''

subscribe('carillon:fault-point', (point) => {
  if (!existsSync(order) || readFileSync(order, 'utf8') !== point) return
  rmSync(order)
  process.kill(process.pid, 'SIGKILL')
  // Nothing more may run, however late the signal comes.
  for (;;);
})
