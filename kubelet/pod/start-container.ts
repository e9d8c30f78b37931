import type { Container, Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Clock } from '../../shared/clock.ts'
import type { RootView } from '../images/paths.ts'
import { type Resolution, resolveImage } from '../images/resolve.ts'
import type { ImageStore } from '../images/store.ts'
import { type ContainerSpec, type Mount, type Runtime, StartError } from '../runtime/runtime.ts'
import { type LinkedRoot, linkRoot } from '../volumes/linked-root.ts'
import type { NodeVolumes } from '../volumes/node-volumes.ts'
import { VolumeError } from '../volumes/volume-error.ts'
import type { BackOffLimits } from './back-off.ts'
import { readConfigObjects } from './config-objects.ts'
import { containerSpec, expanded } from './container-spec.ts'
import { ConfigError, containerEnvironment } from './environment.ts'
import type { PodEvents } from './pod-events.ts'
import type { NodeAllocatable } from './resource-field.ts'
import type { LogSettings } from './run-logs.ts'
import { rootRefusal } from './security.ts'
import type { ServiceLinks } from './service-links.ts'
import { makeTerminationLog, type TerminationLog, terminationLogPath } from './termination-log.ts'
import type { ContainerRun, StartFailure } from './world.ts'

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
  images: Pick<ImageStore, 'find' | 'sizeOf'>
  volumes: Pick<NodeVolumes, 'mountsOf'>
  services: ServiceLinks
  clock: Clock
  node: NodeView
  limits: BackOffLimits
  logs: LogSettings
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

type Program = Extract<Resolution, { kind: 'run' }>
type Failure = Pick<StartFailure, 'reason' | 'message'>

interface Configuration {
  variables: Readonly<Record<string, string>>
  mounts: readonly Mount[]
}

/** The variables and mounts that the spec gives the container. Throws a ConfigError or a VolumeError. */
async function configurationOf(
  { pod, container, podIp }: StartRequest,
  { client, node, volumes, services, runtime }: StartDeps,
): Promise<Configuration> {
  const [objects, links] = await Promise.all([readConfigObjects(client, pod, container), services.list()])
  const sources = { pod, services: links, podIp, nodeIp: node.ip, allocatable: node.allocatable, ...objects }
  const variables = containerEnvironment(container, sources)
  return { variables, mounts: await volumes.mountsOf(pod, container, { variables, asLinks: !runtime.hasMounts }) }
}

/** What can go wrong with what a spec names, as the failure of a start. Anything else is thrown on. */
function configFailure(error: unknown): Failure {
  if (!(error instanceof ConfigError || error instanceof VolumeError)) throw error
  return { reason: 'CreateContainerConfigError', message: error.message }
}

/** Tells of a container that cannot be given to the runtime, and when that is tried again. */
function failed(request: StartRequest, { reason, message }: Failure, { clock, limits }: StartDeps): StartResult {
  const { container, previous, events } = request
  const { name, image } = container
  const atMs = clock.nowMs()
  if (reason === 'ErrImageNeverPull') events.container(name, 'Warning', 'ErrImageNeverPull', message)
  if (reason === 'InvalidImageName') events.container(name, 'Warning', 'InspectFailed', message)
  if (reason === 'ErrImagePull') {
    events.container(name, 'Normal', 'Pulling', `Pulling image "${image}"`)
    events.container(name, 'Warning', 'Failed', `Failed to pull image "${image}": ${message}`)
  }
  const isAboutImage = reason !== 'CreateContainerConfigError' && reason !== 'CreateContainerError'
  events.container(name, 'Warning', 'Failed', `Error: ${isAboutImage ? reason : message}`)
  const doubled = previous?.reason === 'ErrImagePull' ? previous.delayMs * 2 : limits.initialMs
  const delayMs = reason === 'ErrImagePull' ? Math.min(doubled, limits.maxMs) : RETRY_MS
  return { is: 'failure', failure: { reason, message, atMs, retryAtMs: atMs + delayMs, delayMs } }
}

/** What upstream's runtimes show for every program that could not be started, whatever a shell would say. */
const START_ERROR_EXIT_CODE = 128

/** A run that never came to have a process: it counts, and is waited for, like one that ended at once. */
function stillborn({ podUid, name, attempt, logPath, annotations }: ContainerSpec, error: StartError, nowMs: number) {
  const run: ContainerRun = {
    id: `${podUid}-${name}-${attempt}`,
    podUid,
    name,
    attempt,
    logPath,
    annotations,
    state: 'exited',
    pid: 0,
    startedAtMs: nowMs,
    finishedAtMs: nowMs,
    exitCode: START_ERROR_EXIT_CODE,
    reason: 'StartError',
    message: error.message,
  }
  return run
}

/** Milliseconds as Go writes a duration: `0s`, `12ms`, `1.5s`. */
const goMilliseconds = (ms: number) => (ms > 0 && ms < 1000 ? `${ms}ms` : `${ms / 1000}s`)

/** Tells where the image came from. The store is all there is to pull from: with the policy Always it is asked each time. */
async function announceImage(
  { container, events }: StartRequest,
  { warning, image }: Program,
  { tookMs, images }: { tookMs: number; images: StartDeps['images'] },
): Promise<void> {
  const { name, image: imageName, imagePullPolicy } = container
  if (warning !== undefined) events.container(name, 'Warning', 'ImageNotFound', warning)
  else if (image === undefined || imagePullPolicy !== 'Always') {
    events.container(name, 'Normal', 'Pulled', `Container image "${imageName}" already present on machine`)
  } else {
    const time = goMilliseconds(tookMs)
    const pulled = `Successfully pulled image "${imageName}" in ${time} (${time} including waiting)`
    events.container(name, 'Normal', 'Pulling', `Pulling image "${imageName}"`)
    events.container(name, 'Normal', 'Pulled', `${pulled}. Image size: ${await images.sizeOf(image)} bytes.`)
  }
}

/** What a container runs and with what; `failure` where something that its spec names cannot be had. */
interface Prepared extends Configuration {
  program: Resolution
  /** Where volumes are links. */
  root?: LinkedRoot
  failure?: Failure
  terminationLog?: TerminationLog
}

/** Without containers' own users, programs run as the kubelet does. */
function nonRootRefusal({ pod, container }: StartRequest, { image }: Program, hasUsers: boolean): string | undefined {
  const defaultUser = hasUsers ? 0 : (process.getuid?.() ?? 0)
  return rootRefusal(pod, container, { imageUser: image?.config.config.User, defaultUser })
}

/** Looks up the image whatever is missing beside it, as upstream, which tells of the image first. */
async function prepareRun(request: StartRequest, deps: StartDeps): Promise<Prepared> {
  const { container, directory, attempt } = request
  const { hasMounts } = deps.runtime
  const terminationLog = await makeTerminationLog(container, terminationLogPath(directory, container.name, attempt))
  const prepared: Omit<Prepared, 'program'> = { variables: {}, mounts: [], ...(terminationLog && { terminationLog }) }
  try {
    Object.assign(prepared, await configurationOf(request, deps))
  } catch (error) {
    prepared.failure = configFailure(error)
  }
  const layOut = async (imageDirectory: string | undefined): Promise<RootView> => {
    const { mounts } = prepared
    if (hasMounts) return { rootDirectory: undefined, mountPaths: [] }
    if (mounts.length === 0) return { rootDirectory: imageDirectory, mountPaths: [] }
    try {
      prepared.root = await linkRoot(directory, container, { imageDirectory, mounts })
      return prepared.root.view
    } catch (error) {
      prepared.failure = { ...configFailure(error), reason: 'CreateContainerError' }
      return { rootDirectory: imageDirectory, mountPaths: [] }
    }
  }
  const user = expanded(container, prepared.variables, hasMounts ? undefined : terminationLog)
  const program = await resolveImage(deps.images, user, layOut)
  const refusal = program.kind === 'run' ? nonRootRefusal(request, program, hasMounts) : undefined
  if (refusal !== undefined) prepared.failure ??= { reason: 'CreateContainerConfigError', message: refusal }
  // Only now: laying out the root is a part of it.
  return { ...prepared, program }
}

/** Gives one run of a container to the runtime. Expected failures are results; what breaks otherwise is thrown. */
export async function startContainer(request: StartRequest, deps: StartDeps): Promise<StartResult> {
  const { container, events } = request
  const { name } = container
  const beganMs = deps.clock.nowMs()
  const prepared = await prepareRun(request, deps)
  const { program, failure } = prepared
  if (program.kind === 'waiting') return failed(request, program, deps)
  await announceImage(request, program, { tookMs: deps.clock.nowMs() - beganMs, images: deps.images })
  if (failure !== undefined) return failed(request, failure, deps)
  const spec = containerSpec(request, { ...prepared, program, logs: deps.logs, runtime: deps.runtime })
  events.container(name, 'Normal', 'Created', `Created container: ${name}`)
  try {
    const run = await deps.runtime.startContainer(spec)
    events.container(name, 'Normal', 'Started', `Started container ${name}`)
    return { is: 'run', run }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    events.container(name, 'Warning', 'Failed', `Error: failed to start container "${name}": ${error.message}`)
    return { is: 'run', run: stillborn(spec, error, deps.clock.nowMs()) }
  }
}
