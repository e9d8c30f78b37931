import { join } from 'node:path'
import type { Container, Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Clock } from '../../shared/clock.ts'
import { type ContainerSpec, type Runtime, StartError } from '../runtime/runtime.ts'
import type { BackOffLimits } from './back-off.ts'
import { commandLine } from './command-line.ts'
import { readConfigObjects } from './config-objects.ts'
import { ConfigError, containerEnvironment } from './environment.ts'
import { type Image, ImageError, type Images, imageOf } from './image.ts'
import type { PodEvents } from './pod-events.ts'
import type { NodeAllocatable } from './resource-field.ts'
import { type ContainerRun, IMAGE, IMAGE_ID, STOP_SIGNAL, type StartFailure } from './world.ts'

/** How long the kubelet waits before it looks again for what a container lacks: as often as upstream looks. */
const RETRY_MS = 10_000

/** The node as its containers see it. */
export interface NodeView {
  name: string
  ip: string
  allocatable: NodeAllocatable
}

export interface StartDeps {
  client: Client
  runtime: Runtime
  images: Images
  clock: Clock
  node: NodeView
  limits: BackOffLimits
}

export interface StartRequest {
  pod: Pod
  container: Container
  attempt: number
  podIp: string
  /** The pod's own directory. */
  directory: string
  events: PodEvents
  /** The failure of the attempt before, if it failed. */
  previous: StartFailure | undefined
}

export type StartResult = { is: 'run'; run: ContainerRun } | { is: 'failure'; failure: StartFailure }

/** Where a container's output goes; upstream's names below the pod's directory. */
const logPath = ({ directory, container, attempt }: StartRequest) =>
  join(directory, 'logs', container.name, `${attempt}.log`)

async function containerSpec(request: StartRequest, image: Image | undefined, deps: StartDeps): Promise<ContainerSpec> {
  const { pod, container, attempt, podIp, directory } = request
  const { node, client } = deps
  const objects = await readConfigObjects(client, pod, container)
  const sources = { pod, podIp, nodeIp: node.ip, allocatable: node.allocatable, ...objects }
  const variables = containerEnvironment(container, sources)
  return {
    podUid: pod.metadata.uid,
    name: container.name,
    attempt,
    argv: commandLine(container, image ?? { entrypoint: [], cmd: [] }, variables),
    env: { ...image?.env, ...variables },
    workingDirectory: container.workingDir ?? image?.workingDirectory ?? directory,
    logPath: logPath(request),
    annotations: {
      [IMAGE]: container.image,
      [IMAGE_ID]: image?.id ?? '',
      ...(image?.stopSignal !== undefined && { [STOP_SIGNAL]: image.stopSignal }),
    },
  }
}

function failed(
  { container, previous, events }: StartRequest,
  error: ImageError | ConfigError,
  { clock, limits }: StartDeps,
): StartResult {
  const { name, image } = container
  const { message } = error
  const atMs = clock.nowMs()
  const reason = error instanceof ImageError ? error.reason : 'CreateContainerConfigError'
  if (reason === 'ErrImageNeverPull') events.container(name, 'Warning', 'ErrImageNeverPull', message)
  if (reason === 'ErrImagePull') {
    events.container(name, 'Warning', 'Failed', `Failed to pull image "${image}": ${message}`)
  }
  const shown = reason === 'CreateContainerConfigError' ? message : reason
  events.container(name, 'Warning', 'Failed', `Error: ${shown}`)
  const doubled = previous?.reason === 'ErrImagePull' ? previous.delayMs * 2 : limits.initialMs
  const delayMs = reason === 'ErrImagePull' ? Math.min(doubled, limits.maxMs) : RETRY_MS
  return { is: 'failure', failure: { reason, message, atMs, retryAtMs: atMs + delayMs, delayMs } }
}

/** A run that never came to have a process: it counts, and is waited for, like one that ended at once. */
function stillborn(request: StartRequest, spec: ContainerSpec, error: StartError, nowMs: number): StartResult {
  const { podUid, name, attempt, logPath: path, annotations } = spec
  request.events.container(name, 'Warning', 'Failed', `Error: failed to start container "${name}": ${error.message}`)
  return {
    is: 'run',
    run: {
      id: `${podUid}-${name}-${attempt}`,
      podUid,
      name,
      attempt,
      logPath: path,
      annotations,
      state: 'exited',
      pid: 0,
      startedAtMs: nowMs,
      finishedAtMs: nowMs,
      exitCode: error.exitCode,
      reason: 'StartError',
      message: error.message,
    },
  }
}

function announceImage({ container, events }: StartRequest, image: Image | undefined): void {
  const { name } = container
  const shown = `image "${container.image}"`
  if (image !== undefined) events.container(name, 'Normal', 'Pulled', `Container ${shown} already present on machine`)
  else {
    const message = `Container ${shown} is not in the image store: its command is run from the node's own files`
    events.container(name, 'Warning', 'NoImage', message)
  }
}

/** Gives one run of a container to the runtime. Expected failures are results; what breaks otherwise is thrown. */
export async function startContainer(request: StartRequest, deps: StartDeps): Promise<StartResult> {
  const { container, events } = request
  let spec: ContainerSpec
  try {
    const image = await imageOf(container, deps.images)
    spec = await containerSpec(request, image, deps)
    announceImage(request, image)
  } catch (error) {
    if (error instanceof ImageError || error instanceof ConfigError) return failed(request, error, deps)
    throw error
  }
  events.container(container.name, 'Normal', 'Created', `Created container: ${container.name}`)
  try {
    const run = await deps.runtime.startContainer(spec)
    events.container(container.name, 'Normal', 'Started', `Started container ${container.name}`)
    return { is: 'run', run }
  } catch (error) {
    if (error instanceof StartError) return stillborn(request, spec, error, deps.clock.nowMs())
    throw error
  }
}
