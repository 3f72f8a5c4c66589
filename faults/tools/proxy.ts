import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a broker that can be frozen: connections stay open, and nothing passes in either direction. */
export interface Proxy {
  readonly port: number
  readonly freeze: () => void
  readonly thaw: () => void
  /** Breaks what is open off, without a word. */
  readonly cut: () => void
  readonly close: () => Promise<void>
}

export async function openProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>()
  let isFrozen = false
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => to.write(chunk))
    from.on('close', () => to.destroy())
    if (isFrozen) from.pause()
  }
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port })
    keep(near)
    keep(far)
    pass(near, far)
    pass(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw: () => {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    cut,
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
