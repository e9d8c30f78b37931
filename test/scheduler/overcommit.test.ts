import fc from 'fast-check'
import t from 'tap'
import { decide } from '../../scheduler/cycle.ts'
import type { PodInfo } from '../../scheduler/framework.ts'
import { type ClusterState, createClusterState } from '../../scheduler/state/cluster-state.ts'
import { isSamePort } from '../../shared/scheduling/pod-requests.ts'
import { makeNode, podInfo } from './objects.ts'

const ALLOCATABLE = { cpu: '4', memory: '2000', pods: '5', 'example.com/gpu': '3' }

interface Demand {
  cpu: number
  memory: number
  gpu: number
  port: number | null
}
type Happening =
  | { do: 'schedule'; demand: Demand }
  /** To the pod, or node, of this number; most numbers name none that is there, which must do no harm. */
  | { do: 'confirm' | 'forget' | 'remove' | 'addNode' | 'removeNode'; index: number }

/** The scheduler's own view, and beside it a plain list of where every pod is. */
interface World {
  state: ClusterState
  places: Map<string, { info: PodInfo; nodeName: string }>
  created: number
}

function schedule({ state, places }: World, name: string, { cpu, memory, gpu, port }: Demand): void {
  const requests = { cpu: `${cpu}m`, memory: `${memory}`, 'example.com/gpu': `${gpu}` }
  const info = podInfo({ name, requests, ...(port !== null && { hostPorts: [port] }) })
  const { nodeName } = decide(info, state)
  if (nodeName === undefined) return
  state.assume(info, nodeName)
  places.set(info.uid, { info, nodeName })
}

function happen(world: World, happening: Happening): void {
  const { state, places } = world
  if (happening.do === 'schedule') {
    schedule(world, `pod-${world.created++}`, happening.demand)
    return
  }
  const uid = `uid-pod-${happening.index}`
  const nodeName = `node-${happening.index}`
  const place = places.get(uid)
  switch (happening.do) {
    case 'confirm':
      if (place !== undefined) state.place(place.info, place.nodeName)
      break
    case 'forget':
      if (state.find(uid)?.isAssumed === true) places.delete(uid)
      state.forget(uid)
      break
    case 'remove':
      places.delete(uid)
      state.remove(uid)
      break
    case 'addNode':
      state.setNode(makeNode({ name: nodeName, allocatable: ALLOCATABLE }))
      break
    case 'removeNode':
      state.removeNode(nodeName)
  }
}

/** Counted from the pods themselves, not from the state's own sums. */
function isOvercommitted(pods: readonly PodInfo[]): boolean {
  const total = (resource: string) => pods.reduce((sum, { requests }) => sum + (requests.get(resource) ?? 0), 0)
  const ports = pods.flatMap(({ hostPorts }) => hostPorts)
  return (
    pods.length > 5 ||
    total('cpu') > 4000 ||
    total('memory') > 2000 ||
    total('example.com/gpu') > 3 ||
    ports.some((a, index) => ports.slice(index + 1).some((b) => isSamePort(a, b)))
  )
}

const demand: fc.Arbitrary<Demand> = fc.record({
  cpu: fc.nat(2000),
  memory: fc.nat(1000),
  gpu: fc.nat(2),
  port: fc.option(fc.integer({ min: 80, max: 83 })),
})
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('schedule' as const), demand }) },
  fc.record({ do: fc.constantFrom('confirm' as const, 'forget' as const, 'remove' as const), index: fc.nat(30) }),
  fc.record({ do: fc.constantFrom('addNode' as const, 'removeNode' as const), index: fc.nat(3) }),
)

t.test('whatever happens in whatever order, no node is given more than it has and no port twice', async () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const world: World = { state: createClusterState(), places: new Map(), created: 0 }
      happen(world, { do: 'addNode', index: 0 })
      return happenings.every((next) => {
        happen(world, next)
        const byNode = Map.groupBy(world.places.values(), ({ nodeName }) => nodeName)
        return [...byNode.values()].every((places) => !isOvercommitted(places.map(({ info }) => info)))
      })
    }),
    { numRuns: 300 },
  )
})

t.test('the sums of a node are back at nothing when its pods are gone', async () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      const world: World = { state: createClusterState(), places: new Map(), created: 0 }
      happen(world, { do: 'addNode', index: 0 })
      for (const next of happenings) happen(world, next)
      for (let index = 0; index < world.created; index++) happen(world, { do: 'remove', index })
      return world.state.nodes.every(
        ({ podCount, requested, load, hostPorts }) =>
          podCount === 0 && requested.size === 0 && load.cpu === 0 && load.memory === 0 && hostPorts.length === 0,
      )
    }),
  )
})
