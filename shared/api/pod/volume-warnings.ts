import type { PodSpec } from './pod-spec.ts'
import type { Volume } from './volume.ts'

/** What volumes can be made of here. */
const SOURCES: readonly string[] = ['configMap', 'downwardAPI', 'emptyDir', 'hostPath', 'projected', 'secret']
/** Sources that stand for a persistent volume. */
const CLAIMS: readonly string[] = ['ephemeral', 'persistentVolumeClaim']

function warningOf({ name, ...sources }: Volume): string[] {
  const missing = Object.entries(sources).find(
    ([source, value]) => value !== undefined && !SOURCES.includes(source),
  )?.[0]
  if (missing === undefined) return []
  const what = CLAIMS.includes(missing) ? 'persistent' : missing
  return [`kubeproc has no ${what} volumes: pods with the volume ${JSON.stringify(name)} wait for it and never start`]
}

/** What whoever creates pods like this is told of their volumes: upstream would provide some that are not to be had here. */
export const volumeWarnings = ({ volumes = [] }: Pick<PodSpec, 'volumes'>): string[] => volumes.flatMap(warningOf)
