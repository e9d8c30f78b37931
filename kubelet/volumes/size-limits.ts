import type { Pod } from '../../shared/api/pod/pod.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import { parseQuantity } from '../../shared/quantity.ts'
import { takesMoreThan } from './usage.ts'

/** An emptyDir volume that must not grow beyond a size. */
export interface LimitedVolume {
  podUid: string
  name: string
  directory: string
  /** As in the spec. */
  sizeLimit: string
  limitBytes: number
}

/** The volumes of a pod that have a limit, with their directories by name. */
export function limitedVolumes(pod: Pod, directoryOf: (name: string) => string | undefined): LimitedVolume[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, emptyDir }) => {
    const { sizeLimit } = emptyDir ?? {}
    const limitBytes = parseQuantity(sizeLimit ?? '0') ?? 0
    const directory = directoryOf(name)
    // A limit of nothing means none, as upstream.
    if (sizeLimit === undefined || limitBytes === 0 || directory === undefined) return []
    return [{ podUid: pod.metadata.uid, name, directory, sizeLimit, limitBytes }]
  })
}

/** What status and event of an evicted pod say; the space at the end is upstream's. */
export const evictionMessage = ({ name, sizeLimit }: LimitedVolume): string =>
  `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(sizeLimit)}. `

export interface WatchOptions {
  clock: Clock
  everyMs: number
  /** Those to be measured now. */
  volumes(): readonly LimitedVolume[]
  onExceeded(volume: LimitedVolume): void
}

/** Measures volumes again and again until the signal aborts: the first time after one period. */
export async function watchSizes({ clock, everyMs, volumes, onExceeded }: WatchOptions, signal: AbortSignal) {
  while (!signal.aborted) {
    // An abort ends the wait, and with it the loop.
    await delay(clock, everyMs, signal).catch(() => undefined)
    for (const volume of volumes()) {
      if (await takesMoreThan(volume.directory, volume.limitBytes, signal)) onExceeded(volume)
    }
  }
}
