/** Connections to programs that listen on a pod's `localhost` only: by a process in the pod's network that passes bytes on. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { findTools } from './supervisor/namespaces/tools.ts'

/** The process's whole program. It tells on standard error how the connection came about. */
const RELAY = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1')
socket.on('connect', () => process.stderr.write('connected'))
socket.on('error', (error) => { process.stderr.write(error.code); process.exitCode = 1; process.stdin.destroy() })
process.stdin.pipe(socket).pipe(process.stdout)
`

/** Connects in the network of a process. Rejects as a plain connection would. */
export async function dialInside(pid: number, port: number): Promise<Duplex> {
  const inside = [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', RELAY, String(port)]
  const child = spawn(findTools().nsenter, inside, { stdio: 'pipe', env: {} })
  const ended = once(child, 'close').then(() => Buffer.from('it ended'))
  const [said] = await Promise.race([once(child.stderr, 'data'), ended.then((text) => [text])])
  if (String(said) !== 'connected') {
    child.kill('SIGKILL')
    const code = String(said)
    throw Object.assign(new Error(`connect ${code} 127.0.0.1:${port}`), { code })
  }
  // The other end may have gone.
  child.stdin.on('error', () => undefined)
  // The types know of no such pairs.
  const connection = Duplex.from({ writable: child.stdin, readable: child.stdout } as never)
  connection.once('close', () => child.kill('SIGKILL'))
  return connection
}
