import { at } from '../../../field-errors.ts'
import type { Container, EphemeralContainer, PodSpec } from '../pod.ts'

/** Every container of a spec with its path: init containers first, as upstream visits them. */
export const containersWithPaths = (
  spec: PodSpec,
  path: string,
): { container: Container | EphemeralContainer; path: string }[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index) => ({ container, path: at(`${path}.${list}`, index) })),
  )
