/** The parts of an OCI image configuration that kubeproc writes and reads; names are the specification's. */
export interface ImageConfig {
  architecture: string
  os: string
  config: ContainerDefaults
  rootfs: { type: 'layers'; diff_ids: string[] }
}

/** What an image says about the containers made of it. */
export interface ContainerDefaults {
  User?: string
  ExposedPorts?: Record<string, Record<string, never>>
  /** `NAME=value` each. */
  Env?: string[]
  Entrypoint?: string[]
  Cmd?: string[]
  WorkingDir?: string
  Labels?: Record<string, string>
  StopSignal?: string
}
