import t from 'tap'
import { chooseContainer, kubeletAddressOf, logPathOf, validateLogQuery } from '../../../apiserver/registry/pod-log.ts'
import type { Node } from '../../../shared/api/node/node.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'

const named = (names: string[]) => names.map((name) => ({ name }))
const pod = (containers: string[], initContainers: string[] = []) =>
  ({
    metadata: { name: 'p', namespace: 'ns' },
    spec: { containers: named(containers), initContainers: named(initContainers) },
  }) as unknown as Pod

t.test('chooseContainer', async (t) => {
  t.equal(chooseContainer(pod(['a']), undefined), 'a')
  t.equal(chooseContainer(pod(['a', 'b']), 'b'), 'b')
  t.equal(chooseContainer(pod(['a'], ['i']), 'i'), 'i')
  t.equal(chooseContainer(pod(['a'], ['i']), ''), 'a', 'an init container does not make it ambiguous')
  t.throws(() => chooseContainer(pod(['a', 'b']), undefined), {
    reason: 'BadRequest',
    message: 'a container name must be specified for pod p, choose one of: [a b]',
  })
  t.throws(() => chooseContainer(pod(['a', 'b'], ['i']), undefined), {
    message: 'a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]',
  })
  t.throws(() => chooseContainer(pod(['a']), 'z'), { message: 'container z is not valid for pod p' })
})

t.test('impossible options', async (t) => {
  const refused: [query: object, message: string][] = [
    [
      { tailLines: '-1' },
      'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    [{ limitBytes: '0' }, 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0'],
    [{ sinceSeconds: '0' }, 'PodLogOptions "p" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0'],
    [{ tailLines: 'x' }, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ]
  for (const [query, message] of refused) t.throws(() => validateLogQuery('p', query), { message }, message)
  t.doesNotThrow(() => validateLogQuery('p', { tailLines: '0', limitBytes: '1', follow: 'true' }))
})

t.test('where the log is', async (t) => {
  t.equal(
    logPathOf(pod(['a']), 'a', { container: 'a', follow: 'true', tailLines: '3' }),
    '/containerLogs/ns/p/a?follow=true&tailLines=3',
  )
  t.equal(logPathOf(pod(['a']), 'a', {}), '/containerLogs/ns/p/a')
  const status = {
    addresses: [
      { type: 'Hostname', address: 'n' },
      { type: 'InternalIP', address: '127.0.0.9' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
  }
  const node = (status: object) => ({ metadata: { name: 'n' }, status }) as unknown as Node
  t.strictSame(kubeletAddressOf(node(status)), { host: '127.0.0.9', port: 10250 })
  t.throws(() => kubeletAddressOf(node({})), { code: 500 })
})
