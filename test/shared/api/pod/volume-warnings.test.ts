import t from 'tap'
import type { Volume } from '../../../../shared/api/pod/pod.ts'
import { volumeWarnings } from '../../../../shared/api/pod/volume-warnings.ts'

const rest = (name: string) => `volumes: pods with the volume "${name}" wait for it and never start`

const ROWS: readonly [title: string, volumes: Volume[], wanted: string[]][] = [
  ['none', [], []],
  [
    'what there is',
    [
      { name: 'a', emptyDir: {} },
      { name: 'b', secret: { secretName: 's', defaultMode: 0o644 } },
    ],
    [],
  ],
  [
    'a claim',
    [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }],
    [`kubeproc has no persistent ${rest('data')}`],
  ],
  [
    'several',
    [
      { name: 'scratch', ephemeral: {} },
      { name: 'a', emptyDir: {} },
      { name: 'far', nfs: { server: 's', path: '/' } },
    ],
    [`kubeproc has no persistent ${rest('scratch')}`, `kubeproc has no nfs ${rest('far')}`],
  ],
]

for (const [title, volumes, wanted] of ROWS)
  t.test(title, async (t) => {
    t.same(volumeWarnings({ volumes }), wanted)
  })
