/** A relay of TCP connections whose line can be cut and slowed while it carries them. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface Address {
  host: string
  port: number
}

/** What all connections of a node run over. */
export class Line {
  #delayMs = 0
  #cut: PromiseWithResolvers<void> | undefined

  get isCut(): boolean {
    return this.#cut !== undefined
  }

  get delayMs(): number {
    return this.#delayMs
  }

  /** From now on nothing passes, as if every packet were lost: connections stay, but are silent. */
  cut(): void {
    this.#cut ??= Promise.withResolvers()
  }

  /** What was held back passes, and all that follows. */
  heal(): void {
    this.#cut?.resolve()
    this.#cut = undefined
  }

  /** How much later answers arrive. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs
  }

  /** Resolves when what is asked may pass. Rejects when the signal aborts. */
  async passAsked(signal: AbortSignal): Promise<void> {
    while (this.#cut !== undefined) await untilAborted(this.#cut.promise, signal)
  }

  /** The same for what is answered. */
  async passAnswer(signal: AbortSignal): Promise<void> {
    if (this.#delayMs > 0) await wait(this.#delayMs, undefined, { signal })
    await this.passAsked(signal)
  }
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Carries one direction of a connection, piece by piece; what waits is held by the kernel, so the sender feels it. */
async function carry(from: Socket, to: Socket, pass: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) {
  for await (const piece of from.iterator({ destroyOnReturn: false })) {
    await pass(signal)
    if (!to.write(piece)) await once(to, 'drain', { signal })
  }
  await pass(signal)
  to.end()
}

/** Listens on one address and carries all connections to another. */
export class Relay {
  readonly #server: Server
  readonly #target: Address
  readonly #line: Line
  readonly #clients = new Set<Socket>()

  private constructor(target: Address, line: Line) {
    this.#target = target
    this.#line = line
    this.#server = createServer({ allowHalfOpen: true }, (client) => void this.#accept(client))
  }

  /** Resolves when it listens; `port` 0 is any free one. */
  static async listen({ host, port }: Address, target: Address, line: Line): Promise<Relay> {
    const relay = new Relay(target, line)
    relay.#server.listen(port, host)
    await once(relay.#server, 'listening')
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections and stops listening. */
  close(): void {
    this.#server.close()
    for (const client of this.#clients) client.destroy()
  }

  /** The target is called once the line lets the call through: till then the client waits, as for a lost packet. */
  async #accept(client: Socket): Promise<void> {
    const ending = new AbortController()
    const { signal } = ending
    this.#clients.add(client)
    client.setNoDelay(true)
    client.once('error', () => client.destroy())
    client.once('close', () => {
      this.#clients.delete(client)
      ending.abort()
    })
    try {
      await this.#line.passAsked(signal)
      await this.#join(client, ending)
    } catch {
      // Either end has gone, and takes the other along: that is all a relay has to say.
      client.destroy()
    }
  }

  async #join(client: Socket, ending: AbortController): Promise<void> {
    const { signal } = ending
    const line = this.#line
    const target = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    target.once('error', () => target.destroy())
    target.once('close', () => ending.abort())
    signal.addEventListener('abort', () => target.destroy(), { once: true })
    await Promise.all([
      carry(client, target, (signal) => line.passAsked(signal), signal),
      carry(target, client, (signal) => line.passAnswer(signal), signal),
    ])
  }
}
