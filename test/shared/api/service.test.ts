import t from 'tap'
import type { Service } from '../../../shared/api/service/service.ts'
import { service as kind } from '../../../shared/api/service/service.ts'
import { created, decoded, row, shown } from '../../support/kind-objects.ts'

const PORTS = [{ port: 80 }]
const made = (spec: object) => created(kind, { metadata: { name: 'web' }, spec })
const updated = (old: Service, spec: object) => {
  const next = decoded(kind, { metadata: { name: 'web' }, spec })
  kind.prepareForUpdate!(next, old)
  return next
}

t.test('defaults', async (t) => {
  t.same(made({ ports: PORTS, selector: { app: 'web' } }).spec, {
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    selector: { app: 'web' },
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  })
  const balanced = made({ type: 'LoadBalancer', ports: PORTS, sessionAffinity: 'ClientIP' }).spec
  t.match(balanced, {
    externalTrafficPolicy: 'Cluster',
    allocateLoadBalancerNodePorts: true,
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
  })
  t.match(made({ clusterIP: 'None' }).spec, {
    clusterIPs: ['None'],
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'RequireDualStack',
  })
  t.match(made({ clusterIP: 'fd00::1', ports: PORTS }).spec, { clusterIPs: ['fd00::1'], ipFamilies: ['IPv6'] })
  t.notHas(made({ type: 'ExternalName', externalName: 'example.com' }).spec, { ipFamilies: [] })
})

t.test('validation', async (t) => {
  const label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end " +
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  const rows: [spec: object, wanted: string[]][] = [
    [{ ports: PORTS }, []],
    [{}, ['spec.ports: Required value']],
    [{ clusterIP: 'None', selector: { app: 'web' } }, []],
    [
      { clusterIP: '10.0.0.300', ports: PORTS },
      [
        'spec.clusterIPs[0]: Invalid value: "10.0.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      { ports: [{ port: 0 }] },
      [
        'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      { ports: [{ port: 80 }, { port: 81 }] },
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [{ ports: [{ name: 'A', port: 80 }] }, [`spec.ports[0].name: Invalid value: "A": ${label}`]],
    [
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'a', port: 80 },
        ],
      },
      ['spec.ports[1].name: Duplicate value: "a"', 'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}'],
    ],
    [
      { ports: [{ port: 80, protocol: 'ICMP' }] },
      ['spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      { ports: [{ port: 80, nodePort: 30_080 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [{ type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] }, []],
    [
      { type: 'NodePort', clusterIP: 'None', ports: PORTS },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
    ],
    [
      { type: 'LoadBalancer', ports: [{ port: 10_250 }] },
      ['spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet'],
    ],
    [{ type: 'ExternalName' }, ['spec.externalName: Required value']],
    [{ type: 'ExternalName', externalName: 'example.com.' }, []],
    [
      { type: 'ExternalName', externalName: 'a', clusterIP: '10.0.0.1' },
      ['spec.clusterIPs: Forbidden: may not be set for ExternalName services'],
    ],
    [
      { type: 'Magic', ports: PORTS },
      [
        'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
    [
      { sessionAffinity: 'Both', ports: PORTS },
      ['spec.sessionAffinity: Unsupported value: "Both": supported values: "ClientIP", "None"'],
    ],
    [
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } }, ports: PORTS },
      [
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
      ],
    ],
    [
      { externalTrafficPolicy: 'Local', ports: PORTS },
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [
      { loadBalancerClass: 'x', ports: PORTS },
      ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
    ],
    [
      { clusterIPs: ['10.0.0.1'], ports: PORTS },
      ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified'],
    ],
  ]
  for (const [spec, wanted] of rows) t.same(shown(kind.validate(made(spec))), wanted, JSON.stringify(spec))
})

t.test('an update keeps what was allocated', async (t) => {
  const old = made({ type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30_080 }] })
  const next = updated(old, { type: 'NodePort', ports: [{ port: 80, targetPort: 'http' }] })
  t.match(next.spec, { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports: [{ nodePort: 30_080 }] })
  t.same(shown(kind.validateUpdate!(next, old)), [])
  const moved = updated(old, { type: 'NodePort', clusterIP: '10.0.0.2', ports: PORTS })
  t.same(shown(kind.validateUpdate!(moved, old)), [
    'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
  ])
  const named = updated(old, { type: 'ExternalName', clusterIP: '10.0.0.1', externalName: 'a' })
  t.same([named.spec.clusterIP, named.spec.clusterIPs, shown(kind.validate(named))], [undefined, undefined, []])
})

t.test('columns', async (t) => {
  const cells = (spec: object) => {
    const { Type, 'Cluster-IP': address, 'External-IP': external, 'Port(s)': ports, Selector } = row(kind, made(spec))
    return [Type, address, external, ports, Selector]
  }
  t.same(cells({ ports: PORTS, selector: { app: 'web' } }), ['ClusterIP', '<none>', '<none>', '80/TCP', 'app=web'])
  t.same(cells({ type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30_080 }] }), [
    'NodePort',
    '10.0.0.1',
    '<none>',
    '80:30080/TCP',
    '<none>',
  ])
  t.same(cells({ type: 'LoadBalancer', ports: PORTS })[2], '<pending>')
  t.same(cells({ type: 'ExternalName', externalName: 'example.com' }).slice(2, 4), ['example.com', '<none>'])
})
