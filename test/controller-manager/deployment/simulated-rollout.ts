/** A Deployment, its ReplicaSets and their pods, without a server: what plans do to them, and what time does. */
import type { DeploymentAction } from '../../../controller-manager/deployment/reconcile.ts'
import { reconcileDeployment } from '../../../controller-manager/deployment/reconcile.ts'
import type { Deployment } from '../../../shared/api/deployment.ts'
import type { PodTemplateSpec } from '../../../shared/api/pod-template.ts'
import type { ReplicaSet } from '../../../shared/api/replica-set.ts'
import { toTime } from '../../../shared/clock.ts'
import { meta, START_MS, template } from '../objects.ts'

/** The template of one version of the application. */
export const version = (name: string): PodTemplateSpec => {
  const { metadata, spec } = template({ app: 'web' })
  return { metadata: { ...metadata, annotations: { version: name } }, spec }
}

export function deployment(
  spec: Partial<Deployment['spec']> = {},
  metadata: Partial<Deployment['metadata']> = {},
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta('web', { generation: 1, ...metadata }),
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: version('1'),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
    status: {},
  }
}

/** What a merge patch makes of an object's members. */
const merged = <Value extends object>(value: Value, patch: Readonly<Record<string, unknown>>): Value =>
  Object.fromEntries(Object.entries({ ...value, ...patch }).filter(([, member]) => member !== null)) as Value

function annotated(deployment: Deployment, revision: string | undefined): Deployment {
  if (revision === undefined) return deployment
  const annotations = { ...deployment.metadata.annotations, 'deployment.kubernetes.io/revision': revision }
  return { ...deployment, metadata: { ...deployment.metadata, annotations } }
}

export class SimulatedRollout {
  deployment: Deployment
  nowMs = START_MS
  #sets: ReplicaSet[] = []
  /** Living pods by ReplicaSet: whether each is available. */
  readonly #pods = new Map<string, boolean[]>()
  #count = 0

  constructor(first: Deployment) {
    this.deployment = first
  }

  get sets(): readonly ReplicaSet[] {
    return this.#sets
  }

  podsOf(set: ReplicaSet): readonly boolean[] {
    return this.#pods.get(set.metadata.uid) ?? []
  }

  get livingPods(): number {
    return [...this.#pods.values()].reduce((sum, pods) => sum + pods.length, 0)
  }

  get availablePods(): number {
    return [...this.#pods.values()].reduce((sum, pods) => sum + pods.filter(Boolean).length, 0)
  }

  /** A change of the wanted state. */
  change(spec: Partial<Deployment['spec']>): void {
    const { metadata } = this.deployment
    const generation = (metadata.generation ?? 0) + 1
    this.deployment = {
      ...this.deployment,
      metadata: { ...metadata, generation },
      spec: { ...this.deployment.spec, ...spec },
    }
  }

  plan(): readonly DeploymentAction[] {
    const livingPods = new Map([...this.#pods].map(([uid, pods]) => [uid, pods.length]))
    return reconcileDeployment(this.deployment, { candidates: this.#sets, livingPods, nowMs: this.nowMs }).actions
  }

  /** Plans and applies once; tells whether anything was to be done. */
  sync(): boolean {
    const actions = this.plan()
    for (const action of actions) this.#apply(action)
    return actions.length > 0
  }

  /** Lets the ReplicaSet's controller bring its pods to their number, unavailable ones going first, and report. */
  syncSet(set: ReplicaSet): void {
    const pods = [...this.podsOf(set)].sort((a, b) => Number(b) - Number(a)).slice(0, set.spec.replicas)
    while (pods.length < set.spec.replicas) pods.push(false)
    this.#pods.set(set.metadata.uid, pods)
    const available = pods.filter(Boolean).length
    const status = {
      replicas: pods.length,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: 1,
    }
    this.#replace(set, { ...set, status })
  }

  /** One more pod of the ReplicaSet becomes available; its status says so only after `syncSet`. */
  startPod(set: ReplicaSet): void {
    const pods = [...this.podsOf(set)]
    const waiting = pods.indexOf(false)
    if (waiting !== -1) pods[waiting] = true
    this.#pods.set(set.metadata.uid, pods)
  }

  /** Lets everybody work until nothing changes, if `canStart` with all pods of those sets becoming available. */
  settle(canStart: (set: ReplicaSet) => boolean = () => true): void {
    for (let turn = 0; turn < 200; turn++) {
      const before = JSON.stringify([this.deployment, this.#sets, [...this.#pods]])
      this.sync()
      for (const set of this.#sets) {
        this.syncSet(set)
        if (canStart(set)) for (const _ of this.podsOf(set)) this.startPod(set)
      }
      if (JSON.stringify([this.deployment, this.#sets, [...this.#pods]]) === before) return
    }
    throw new Error(`no end: ${JSON.stringify(this.plan())}`)
  }

  #replace(old: ReplicaSet, current: ReplicaSet): void {
    this.#sets = this.#sets.map((set) => (set.metadata.uid === old.metadata.uid ? current : set))
  }

  #apply(action: DeploymentAction): void {
    switch (action.do) {
      case 'createSet': {
        const creationTimestamp = toTime(this.nowMs + this.#count * 1_000)
        const metadata = { ...action.set.metadata, uid: `uid-${++this.#count}`, creationTimestamp, generation: 1 }
        this.#sets = [...this.#sets, { ...action.set, metadata }]
        break
      }
      case 'updateSet': {
        const { annotations, ...spec } = action.change
        const { set } = action
        const metadata = { ...set.metadata, annotations: { ...set.metadata.annotations, ...annotations } }
        this.#replace(set, { ...set, metadata, spec: { ...set.spec, ...spec } })
        break
      }
      case 'deleteSet':
        this.#sets = this.#sets.filter((set) => set !== action.set)
        this.#pods.delete(action.set.metadata.uid)
        break
      case 'updateStatus':
        this.deployment = annotated(this.deployment, action.revision)
        this.deployment = { ...this.deployment, status: merged(this.deployment.status, action.patch) }
        break
      default:
        throw new Error(`the world has nothing to adopt or release: ${action.do}`)
    }
  }
}
