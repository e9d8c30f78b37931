import t from 'tap'
import type { ResourceRequirements } from '../../../../../shared/api/pod/pod.ts'
import {
  validateContainerResources,
  validatePodClaims,
  validatePodResources,
} from '../../../../../shared/api/pod/validation/resources.ts'

const CLAIMS = new Set(['gpu'])

const worlds: [title: string, resources: ResourceRequirements, wanted: string[]][] = [
  ['nothing', {}, []],
  [
    'all of Kubernetes’ own',
    { limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1', 'hugepages-2Mi': '4Mi' } },
    [],
  ],
  [
    'an unknown resource',
    { limits: { gpu: '1' } },
    [
      'r.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'r.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    ],
  ],
  ['an extended resource', { limits: { 'example.com/gpu': '1' }, requests: { 'example.com/gpu': '1' } }, []],
  [
    'an extended resource without a limit',
    { requests: { 'example.com/gpu': '1' } },
    ['r.limits: Required value: Limit must be set for non overcommitable resources'],
  ],
  [
    'half an extended resource',
    { limits: { 'example.com/gpu': '500m' } },
    ['r.limits[example.com/gpu]: Invalid value: "500m": must be an integer'],
  ],
  [
    'an extended resource named as in a quota',
    { limits: { 'requests.example.com/gpu': '1' } },
    [
      `r.limits[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn't follow extended resource name standard`,
    ],
  ],
  [
    'less than nothing',
    { requests: { cpu: '-1' } },
    ['r.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    'more than the limit',
    { limits: { cpu: '1' }, requests: { cpu: '1500m' } },
    ['r.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1'],
  ],
  ['as much as the limit in other words', { limits: { cpu: '1' }, requests: { cpu: '1000m' } }, []],
  [
    'less than a limit that is a promise',
    { limits: { 'example.com/gpu': '2' }, requests: { 'example.com/gpu': '1' } },
    ['r.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
  ],
  [
    'huge pages alone, and broken',
    { limits: { 'hugepages-2Mi': '3Mi' } },
    [
      'r.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      'r: Forbidden: HugePages require cpu or memory',
    ],
  ],
  [
    'a claim',
    {
      claims: [
        { name: 'gpu', request: 'a' },
        { name: 'gpu', request: 'b' },
      ],
    },
    [],
  ],
  [
    'a claim that the pod does not have',
    { claims: [{ name: 'net' }] },
    ['r.claims[0]: Not found: "net": must be one of the names in pod.spec.resourceClaims: gpu'],
  ],
  [
    'a claim as a whole and in part',
    { claims: [{ name: 'gpu', request: 'a' }, { name: 'gpu' }] },
    ['r.claims[1]: Duplicate value: "gpu"'],
  ],
]

for (const [title, resources, wanted] of worlds) {
  t.test(title, async (t) => {
    const errors = validateContainerResources(resources, 'r', CLAIMS)
    t.strictSame(
      errors.map(({ field, message }) => `${field}: ${message}`),
      wanted,
    )
  })
}

t.test('a pod as a whole has CPU, memory and huge pages', async (t) => {
  t.match(validatePodResources({ limits: { 'example.com/gpu': '1' }, claims: [] }, 'r'), [
    { field: 'r.claims', message: 'Forbidden: claims cannot be set for Resources at pod-level' },
    { message: 'Unsupported value: "example.com/gpu": supported values: "cpu", "memory"' },
  ])
})

t.test('claims of a pod', async (t) => {
  const errors = validatePodClaims(
    [{ name: 'a', resourceClaimName: 'x' }, { name: 'a', resourceClaimTemplateName: 'x' }, { name: 'b' }],
    'c',
  )
  t.match(errors, [
    { field: 'c[1].name', message: 'Duplicate value: "a"' },
    { field: 'c[2]', message: /must specify one of: `resourceClaimName`, `resourceClaimTemplateName`$/ },
  ])
})
