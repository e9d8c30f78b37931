import type { Duplex } from 'node:stream'
import type { ContainerSpec, Feature, SandboxSpec } from './runtime.ts'
import type { StartSpec } from './supervisor/protocol.ts'

/** A pod's sandbox as the kubelet remembers it. */
export interface OpenSandbox {
  spec: SandboxSpec
  ip: string
  hostname: string
}

/** How pods are kept apart: all that the runtimes differ in on the kubelet's side. */
export interface Isolation {
  /** As `Runtime.version`. */
  readonly version: string
  /** As `Runtime.hasMounts`. */
  readonly hasMounts: boolean
  /** As `Runtime.unenforced`. */
  readonly unenforced: ReadonlySet<Feature>
  /** As `Runtime.prepare`. */
  prepare(): Promise<void>
  /** Makes a pod's sandbox, or finds the one that it has. */
  open(spec: SandboxSpec): Promise<OpenSandbox>
  /** Takes the sandbox of a pod away whose containers are gone. No sandbox is no error. */
  close(podUid: string): Promise<void>
  /** What the supervisor is to start for a container. */
  startSpec(spec: ContainerSpec, sandbox: OpenSandbox): StartSpec
  /** Connects to a TCP port of a pod. */
  dial(sandbox: OpenSandbox, port: number): Promise<Duplex>
}
