import type { Pod, Volume } from '../../shared/api/pod/pod.ts'
import type { PodEvents } from '../pod/pod-events.ts'
import { isSupported, type MountedVolume, type SetUpContext, setUpVolume } from './set-up.ts'
import { type LimitedVolume, limitedVolumes } from './size-limits.ts'
import { VolumeError } from './volume-error.ts'
import type { VolumesState } from './volumes-state.ts'

/** Waits between tries, as upstream's: doubled from the first to the last. */
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 122_000
/** After so long the event tells of the pod as a whole, and again each time it is over. */
const WAIT_TOLD_MS = 123_000

/** What the files of a downward API volume are made from beside the spec, which does not change. */
const metadataKey = ({ metadata: { labels, annotations } }: Pod) => JSON.stringify([labels, annotations])

const hasDownwardApi = ({ spec }: Pod) =>
  (spec.volumes ?? []).some(
    ({ downwardAPI, projected }) =>
      downwardAPI !== undefined || projected?.sources?.some((source) => source.downwardAPI !== undefined),
  )

const list = (names: readonly string[]) => `[${names.join(' ')}]`

/** The volumes of one pod: what is there, what is missing, and when to look again. */
export class PodVolumes {
  readonly #mounted = new Map<string, MountedVolume>()
  readonly #sinceMs: number
  #isDue = true
  #retryAtMs: number | undefined
  #delayMs = RETRY_MIN_MS
  #toldAtMs: number
  #metadataKey = ''
  #limited: LimitedVolume[] = []
  #eviction: string | undefined
  #isGone = false
  #events: PodEvents | undefined
  /** When a token has to be renewed. */
  #renewAtMs: number | undefined

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
    this.#toldAtMs = nowMs
  }

  /** By name. */
  get mounted(): ReadonlyMap<string, MountedVolume> {
    return this.#mounted
  }

  /** Volumes that must not grow beyond a size. */
  get limited(): readonly LimitedVolume[] {
    return this.#eviction === undefined ? this.#limited : []
  }

  /** A volume is too large: the pod has to end. */
  evict(message: string): void {
    if (this.#eviction !== undefined || this.#isGone) return
    this.#eviction = message
    this.#events?.pod('Warning', 'Evicted', message)
  }

  /** The pod has ended, and its volumes with it. */
  markGone(): void {
    this.#isGone = true
    this.#mounted.clear()
    this.#limited = []
  }

  /** What a volume is made from may have changed. */
  markDue(): void {
    this.#isDue = true
  }

  /** A token of this pod has to be renewed by then. */
  renewBy(atMs: number): void {
    this.#renewAtMs = Math.min(this.#renewAtMs ?? Number.POSITIVE_INFINITY, atMs)
  }

  stateOf(pod: Pod, nowMs: number): VolumesState {
    const eviction = this.#eviction === undefined ? {} : { eviction: this.#eviction }
    if (this.#isGone) return { isReady: false, isPresent: false, ...eviction }
    const isReady = (pod.spec.volumes ?? []).every(({ name }) => this.#mounted.has(name))
    const isOld = isReady && hasDownwardApi(pod) && metadataKey(pod) !== this.#metadataKey
    if (this.#isDue || isOld) return { isReady, dueAtMs: nowMs, isPresent: true, ...eviction }
    const times = [this.#retryAtMs, this.#renewAtMs].filter((time) => time !== undefined)
    return { isReady, isPresent: true, ...eviction, ...(times.length > 0 && { dueAtMs: Math.min(...times) }) }
  }

  /** Sets up all volumes, or brings them up to date, and tells of those that cannot be had. */
  async prepare(pod: Pod, context: SetUpContext, events: PodEvents): Promise<void> {
    // Before anything is read: what changes meanwhile makes it due again.
    this.#isDue = false
    this.#renewAtMs = undefined
    this.#metadataKey = metadataKey(pod)
    this.#events = events
    const volumes = pod.spec.volumes ?? []
    const results = await Promise.allSettled(volumes.map((volume) => this.#setUp(volume, context)))
    const failures: { volume: Volume; message: string }[] = []
    results.forEach((result, index) => {
      const volume = volumes[index]!
      if (result.status === 'fulfilled') this.#mounted.set(volume.name, result.value)
      else if (result.reason instanceof VolumeError) failures.push({ volume, message: result.reason.message })
      else throw result.reason
    })
    this.#limited = limitedVolumes(pod, (name) => this.#mounted.get(name)?.hostPath)
    this.#plan(context.nowMs, failures.length > 0)
    for (const { volume, message } of failures) this.#tell(volume, message, events)
    this.#tellOfWait(volumes, context.nowMs, events)
  }

  async #setUp(volume: Volume, context: SetUpContext): Promise<MountedVolume> {
    try {
      return await setUpVolume(volume, context)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // A full disk or a directory that somebody has taken away is the node's trouble, not a defect of the kubelet.
      if (error instanceof VolumeError || code === undefined) throw error
      throw new VolumeError(message)
    }
  }

  #plan(nowMs: number, hasFailed: boolean): void {
    if (hasFailed) {
      this.#retryAtMs = nowMs + this.#delayMs
      this.#delayMs = Math.min(this.#delayMs * 2, RETRY_MAX_MS)
    } else {
      this.#retryAtMs = undefined
      this.#delayMs = RETRY_MIN_MS
    }
  }

  #tell(volume: Volume, message: string, events: PodEvents): void {
    if (isSupported(volume)) {
      events.pod('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${message}`)
      return
    }
    const failed = `failed to get Plugin from volumeSpec for volume "${volume.name}" err=${message}`
    const which = `unmounted volumes=${list([volume.name])}, unattached volumes=[], failed to process volumes=${list([volume.name])}`
    events.pod('Warning', 'FailedMount', `Unable to attach or mount volumes: ${which}: ${failed}`)
  }

  #tellOfWait(volumes: readonly Volume[], nowMs: number, events: PodEvents): void {
    const missing = volumes.map(({ name }) => name).filter((name) => !this.#mounted.has(name))
    if (missing.length === 0 || nowMs - Math.max(this.#toldAtMs, this.#sinceMs) < WAIT_TOLD_MS) return
    this.#toldAtMs = nowMs
    const which = `unmounted volumes=${list(missing)}, unattached volumes=[], failed to process volumes=[]`
    events.pod('Warning', 'FailedMount', `Unable to attach or mount volumes: ${which}: context deadline exceeded`)
  }
}
