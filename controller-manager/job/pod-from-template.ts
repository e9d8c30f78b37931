/** The pods of a Job. Pure. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { controllerRef } from '../../shared/controller/controller-refs.ts'
import { COMPLETION_INDEX, INDEX_FAILURES, INDEX_IGNORED_FAILURES, TRACKING_FINALIZER } from './job-pod.ts'

/** Name of the variable that tells a program which part of the work is its own. */
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'

/** What distinguishes a pod to be created from the others of its Job. */
export interface PodRequest {
  /** Indexed Jobs: the part of the work. */
  index?: number
  /** Failures of this index so far, where each index has a limit of its own. */
  failures?: number
  /** Those of them that the pod failure policy ignores. */
  ignoredFailures?: number
}

type Container = Pod['spec']['containers'][number]

const withIndexVariable = (container: Container): Container => {
  if (container.env?.some(({ name }) => name === INDEX_VARIABLE)) return container
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${COMPLETION_INDEX}']` }
  return { ...container, env: [...(container.env ?? []), { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] }
}

function indexedSpec(job: Job, index: number): Pod['spec'] {
  const { spec } = job.spec.template
  return {
    ...spec,
    hostname: `${job.metadata.name}-${index}`,
    containers: spec.containers.map(withIndexVariable),
    ...(spec.initContainers !== undefined && { initContainers: spec.initContainers.map(withIndexVariable) }),
  }
}

/** A new pod as the Job's template says; the server completes its name. */
export function podForJob(job: Job, { index, failures, ignoredFailures = 0 }: PodRequest): Draft<Pod> {
  const { name, namespace } = job.metadata
  const { labels, annotations, finalizers = [] } = job.spec.template.metadata
  const own = {
    ...(index !== undefined && { [COMPLETION_INDEX]: String(index) }),
    ...(failures !== undefined && { [INDEX_FAILURES]: String(failures) }),
    ...(ignoredFailures > 0 && { [INDEX_IGNORED_FAILURES]: String(ignoredFailures) }),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: index === undefined ? `${name}-` : `${name}-${index}-`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...labels, ...(index !== undefined && { [COMPLETION_INDEX]: String(index) }) },
      annotations: { ...annotations, ...own },
      finalizers: [...new Set([...finalizers, TRACKING_FINALIZER])],
      ownerReferences: [controllerRef(job)],
    },
    spec: index === undefined ? job.spec.template.spec : indexedSpec(job, index),
    status: {},
  }
}
