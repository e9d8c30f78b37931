import t from 'tap'
import type { HostIdentity, HostResources } from '../../../kubelet/node/host-facts.ts'
import { hostIdentity, hostResources } from '../../../kubelet/node/host-facts.ts'
import { nodeConditions, transitions } from '../../../kubelet/node/node-conditions.ts'
import { newNode, nodeStatus, nodeStatusPatch, registrationPatch } from '../../../kubelet/node/node-object.ts'
import {
  addReserved,
  DEFAULT_EVICTION_HARD,
  parseEvictionHard,
  parseReserved,
} from '../../../kubelet/node/thresholds.ts'
import { parseLabels } from '../../../kubelet/options.ts'
import type { Node } from '../../../shared/api/node/node.ts'
import { UsageError } from '../../../shared/flags.ts'
import { testDirectory } from '../../support/directory.ts'

const DEFAULT_THRESHOLDS = parseEvictionHard(DEFAULT_EVICTION_HARD)
const NOW = Date.parse('2026-01-01T00:10:00Z')
const MI = 1024 * 1024
const identity: HostIdentity = {
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
  kernelVersion: '6.1',
  osImage: 'Debian',
  operatingSystem: 'linux',
  architecture: 'amd64',
  cpus: 2,
}
const resources: HostResources = {
  memoryBytes: 1000 * MI,
  memoryAvailableBytes: 500 * MI,
  diskBytes: 1000 * MI,
  diskAvailableBytes: 500 * MI,
  inodes: 1000,
  inodesFree: 500,
  pidsMax: 1000,
  pids: 500,
}
const settings = {
  name: 'node-1',
  ip: '127.1.1.1',
  podCidr: '127.1.1.0/24',
  labels: { disk: 'ssd' },
  maxPods: 110,
  port: 10250,
  runtimeVersion: 'process://0.1.0',
}

const conditionsOf = (changed: Partial<HostResources>, stored: Node['status'] = {}) =>
  nodeConditions(
    { ...resources, ...changed },
    { stored: stored.conditions ?? [], thresholds: DEFAULT_THRESHOLDS, nowMs: NOW },
  )
const statusOf = (changed: Partial<HostResources> = {}) => ({
  ...nodeStatus(identity, resources, settings, DEFAULT_THRESHOLDS),
  conditions: conditionsOf(changed),
})
const stored = (status: Node['status'] = statusOf()): Node => {
  const draft = newNode(settings, identity, statusOf())
  return {
    ...draft,
    spec: { podCIDR: settings.podCidr },
    metadata: {
      ...draft.metadata,
      name: 'node-1',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    status,
  }
}

const pressure: [title: string, changed: Partial<HostResources>, wanted: string][] = [
  ['no pressure', {}, ''],
  ['memory', { memoryAvailableBytes: 99 * MI }, 'MemoryPressure KubeletHasInsufficientMemory'],
  ['disk', { diskAvailableBytes: 9 * MI }, 'DiskPressure KubeletHasDiskPressure'],
  ['inodes', { inodesFree: 9 }, 'DiskPressure KubeletHasDiskPressure'],
  ['process IDs', { pids: 995 }, 'PIDPressure KubeletHasInsufficientPID'],
]
for (const [title, changed, wanted] of pressure) {
  t.test(`conditions: ${title}`, async (t) => {
    const conditions = conditionsOf(changed)
    const on = conditions.filter(({ type, status }) => type !== 'Ready' && status === 'True')
    t.equal(on.map(({ type, reason }) => `${type} ${reason}`).join(), wanted)
    t.match(conditions.at(-1), { type: 'Ready', status: 'True', reason: 'KubeletReady' })
  })
}

t.test('a condition keeps the time of its last change, and renews its heartbeat', async (t) => {
  const old = { lastHeartbeatTime: '2026-01-01T00:01:00Z', lastTransitionTime: '2026-01-01T00:01:00Z' }
  const conditions = conditionsOf(
    {},
    {
      conditions: [
        { type: 'Ready', status: 'True', ...old },
        { type: 'DiskPressure', status: 'Unknown', ...old },
      ],
    },
  )
  const find = (type: string) => conditions.find((condition) => condition.type === type)
  t.match(find('Ready'), { lastHeartbeatTime: '2026-01-01T00:10:00Z', lastTransitionTime: '2026-01-01T00:01:00Z' })
  t.match(find('DiskPressure'), { lastTransitionTime: '2026-01-01T00:10:00Z' })
})

t.test('events tell of what has changed', async (t) => {
  const all = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady']
  t.strictSame(transitions(new Map(), conditionsOf({})), all)
  const told = new Map(conditionsOf({}).map(({ type, status }) => [type, status]))
  t.strictSame(transitions(told, conditionsOf({})), [])
  t.strictSame(transitions(told, conditionsOf({ memoryAvailableBytes: 0 })), ['NodeHasInsufficientMemory'])
})

t.test('what pods may have is less than what there is', async (t) => {
  const { capacity, allocatable } = statusOf()
  t.match(capacity, { cpu: '2', memory: '1024000Ki', 'ephemeral-storage': '1024000Ki', pods: '110' })
  t.match(allocatable, { cpu: '2', memory: '921600Ki', 'ephemeral-storage': String(990 * MI), pods: '110' })
})

t.test('what is reserved, and where pressure begins, by flags', async (t) => {
  const thresholds = parseEvictionHard('memory.available<10%,imagefs.available<15%,nodefs.available<100Mi')
  t.strictSame(thresholds, { memory: { part: 0.1 }, disk: { amount: 100 * MI } })
  const reserved = addReserved(parseReserved('a', 'cpu=250m,memory=100Mi'), parseReserved('b', 'cpu=250m'))
  const { allocatable } = nodeStatus(identity, resources, { ...settings, reserved }, thresholds)
  t.match(allocatable, { cpu: '1500m', memory: `${800 * 1024}Ki`, 'ephemeral-storage': String(900 * MI) })
  for (const wrong of ['memory<1Mi', 'memory.available<x', 'memory.available<200%', 'memory.available>1Mi'])
    t.throws(() => parseEvictionHard(wrong), UsageError, wrong)
  for (const wrong of ['cpu', 'cpu=x', 'pods=1']) t.throws(() => parseReserved('a', wrong), UsageError, wrong)
})

t.test('a node that shuts down says so', async (t) => {
  const context = { stored: [], thresholds: DEFAULT_THRESHOLDS, isShuttingDown: true, nowMs: NOW }
  t.match(nodeConditions(resources, context).at(-1), {
    ...{ type: 'Ready', status: 'False' },
    ...{ reason: 'KubeletNotReady', message: 'node is shutting down' },
  })
})

t.test('the patch for a node that is there already', async (t) => {
  t.equal(registrationPatch(stored(), settings, identity), undefined)
  const bare: Node = { ...stored(), spec: {}, metadata: { ...stored().metadata, labels: { disk: 'hdd' } } }
  t.match(registrationPatch(bare, settings, identity), {
    metadata: { labels: { disk: 'ssd', 'kubernetes.io/hostname': 'node-1' } },
    spec: { podCIDR: '127.1.1.0/24' },
  })
})

t.test('what the node does not enforce is told, and no more when it does', async (t) => {
  const name = 'kubeproc.io/not-enforced'
  const weak = { ...settings, unenforced: ['CPU limits', 'sysctls'] }
  const annotations = { [name]: 'CPU limits, sysctls' }
  const told = newNode(weak, identity, statusOf())
  t.match(told.metadata, { annotations })
  t.match(registrationPatch(stored(), weak, identity), { metadata: { annotations } })
  const known: Node = { ...stored(), metadata: { ...stored().metadata, annotations } }
  t.equal(registrationPatch(known, weak, identity), undefined)
  t.strictSame(registrationPatch(known, settings, identity), { metadata: { annotations: { [name]: null } } })
})

t.test('the patch of the status', async (t) => {
  const silent = { heartbeat: false }
  t.equal(nodeStatusPatch(stored(), statusOf(), silent), undefined, 'nothing has changed')
  t.match(nodeStatusPatch(stored(), statusOf(), { heartbeat: true }), { status: { conditions: Array } }, 'a heartbeat')
  const pressed = nodeStatusPatch(stored(), statusOf({ memoryAvailableBytes: 0 }), silent)
  t.strictSame(Object.keys(pressed?.status ?? {}), ['conditions'], 'a condition')
  const unknown = statusOf().conditions.map((condition) => ({
    ...condition,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
  }))
  t.match(
    nodeStatusPatch(stored({ ...statusOf(), conditions: unknown }), statusOf(), silent),
    { status: { conditions: Array } },
    'what others had written',
  )
  const moved = { ...statusOf(), addresses: [{ type: 'InternalIP', address: '127.1.1.9' }] }
  t.strictSame(nodeStatusPatch(stored(), moved, silent), {
    status: { addresses: [...moved.addresses, { $patch: 'replace' }] },
  })
})

t.test('this machine', async (t) => {
  const { cpus, kernelVersion, architecture } = await hostIdentity()
  t.ok(cpus > 0 && kernelVersion !== '' && architecture !== 'x64')
  const facts = await hostResources(testDirectory(t))
  for (const [name, value] of Object.entries(facts)) t.ok(Number.isFinite(value) && value >= 0, name)
  t.ok(facts.memoryAvailableBytes <= facts.memoryBytes && facts.diskAvailableBytes <= facts.diskBytes)
})

t.test('labels of the command line', async (t) => {
  t.strictSame(parseLabels(['a=1,b=2', 'c=']), { a: '1', b: '2', c: '' })
  t.throws(() => parseLabels(['a']), UsageError)
})
