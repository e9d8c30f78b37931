import { KUBELET_PORT } from './components.ts'
import { type Address, Line, Relay } from './relay.ts'
import type { NodeAddresses } from './state.ts'

/**
 * What stands between a node and the API server once it is to be cut or slowed: a relay for each of the two directions
 * in which they call each other, both on one line.
 */
export class NodeLink {
  readonly line: Line
  readonly #toServer: Relay
  readonly #toKubelet: Relay | undefined

  private constructor(line: Line, toServer: Relay, toKubelet: Relay | undefined) {
    this.line = line
    this.#toServer = toServer
    this.#toKubelet = toKubelet
  }

  /** Places the relays, one of them to the API server's address. The kubelet's server must have left the node's address. */
  static async place({ ip, relayedIp }: NodeAddresses, server: Address): Promise<NodeLink> {
    const line = new Line()
    const [toServer, toKubelet] = await Promise.all([
      Relay.listen({ host: ip, port: 0 }, server, line),
      relayedIp === undefined
        ? undefined
        : Relay.listen({ host: ip, port: KUBELET_PORT }, { host: relayedIp, port: KUBELET_PORT }, line),
    ])
    return new NodeLink(line, toServer, toKubelet)
  }

  /** Where the API server is reached over this link. */
  get serverPort(): number {
    return this.#toServer.port
  }

  /** What the line does to the node, in words; undefined where all passes as ever. */
  get disturbance(): string | undefined {
    if (this.line.isCut) return 'partitioned'
    return this.line.delayMs > 0 ? `slowed by ${this.line.delayMs} ms` : undefined
  }

  close(): void {
    this.#toServer.close()
    this.#toKubelet?.close()
  }
}
