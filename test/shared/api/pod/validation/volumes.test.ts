import t from 'tap'
import type { Container, PodSpec, Volume } from '../../../../../shared/api/pod/pod.ts'
import { validatePodSpec } from '../../../../../shared/api/pod/validation/pod-spec.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

const errorsOf = (spec: Partly<PodSpec>): string[] =>
  validatePodSpec(podOf({ spec }).spec, 'spec', { podName: 'p', isPod: true }).map(
    ({ field, message }) => `${field}: ${message}`,
  )

const volume = (source: Partly<Volume>): Partly<PodSpec> => ({ volumes: [{ name: 'v', ...source }] })
const mounted = (container: Partly<Container>, source: Partly<Volume> = {}): Partly<PodSpec> => ({
  ...volume(source),
  containers: [{ name: 'c', image: 'x:1', ...container }],
})
const projected = (...sources: Partly<NonNullable<Volume['projected']>['sources']> & readonly unknown[]) =>
  volume({ projected: { sources } } as Partly<Volume>)
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

const worlds: [title: string, spec: Partly<PodSpec>, wanted: string[]][] = [
  ['no source is an empty directory', volume({}), []],
  ['no name', { volumes: [{ name: '' }] }, ['spec.volumes[0].name: Required value']],
  ['the same name twice', { volumes: [{ name: 'v' }, { name: 'v' }] }, ['spec.volumes[1].name: Duplicate value: "v"']],
  [
    'two sources',
    volume({ emptyDir: {}, hostPath: { path: '/' } }),
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'a negative size',
    volume({ emptyDir: { sizeLimit: '-1' } }),
    ['spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
  ],
  ['no path', volume({ hostPath: { path: '' } }), ['spec.volumes[0].hostPath.path: Required value']],
  [
    'a path upwards',
    volume({ hostPath: { path: '/a/../b' } }),
    [`spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
  ],
  [
    'a type of path',
    volume({ hostPath: { path: '/a', type: 'Pipe' as never } }),
    [
      'spec.volumes[0].hostPath.type: Unsupported value: "Pipe": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
  ],
  [
    'a Secret without a name',
    volume({ secret: { defaultMode: 0o1000 } }),
    [
      'spec.volumes[0].secret.secretName: Required value',
      'spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
    ],
  ],
  [
    'entries of a ConfigMap',
    volume({
      configMap: {
        name: 'm',
        items: [
          { key: '', path: '/a' },
          { key: 'k', path: '..b' },
        ],
      },
    }),
    [
      'spec.volumes[0].configMap.items[0].key: Required value',
      'spec.volumes[0].configMap.items[0].path: Invalid value: "/a": must be a relative path',
      `spec.volumes[0].configMap.items[1].path: Invalid value: "..b": must not start with '..'`,
    ],
  ],
  [
    'fields as files',
    volume({
      downwardAPI: {
        items: [
          { path: 'a', fieldRef: { fieldPath: 'metadata.labels' } },
          { path: 'b', fieldRef: { fieldPath: 'status.podIP' } },
          { path: 'c', resourceFieldRef: { resource: 'limits.cpu' } },
        ],
      },
    }),
    [
      'spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
      'spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value',
    ],
  ],
  [
    'projections',
    projected(
      { secret: { name: 's', items: [{ key: 'k', path: 'p' }] } },
      { configMap: { name: 'm', items: [{ key: 'k', path: 'p' }] } },
      { serviceAccountToken: { path: 't', expirationSeconds: 10 }, downwardAPI: {} },
    ),
    [
      'spec.volumes[0].projected: Invalid value: "m": conflicting duplicate paths',
      'spec.volumes[0].projected.sources[2].serviceAccountToken.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
      'spec.volumes[0].projected.sources[2]: Forbidden: may not specify more than 1 volume type per source',
    ],
  ],
  [
    'trust anchors',
    projected({ clusterTrustBundle: { path: 'a' } }, { clusterTrustBundle: { path: 'b', signerName: 'nodomain' } }),
    [
      'spec.volumes[0].projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified',
      `spec.volumes[0].projected.sources[1].clusterTrustBundle.signerName: Invalid value: "nodomain": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ],
  ],
  [
    'NFS',
    volume({ nfs: { server: '', path: 'a' } }),
    [
      'spec.volumes[0].nfs.server: Required value',
      'spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path',
    ],
  ],
  [
    'iSCSI',
    volume({ iscsi: { targetPortal: 'a', iqn: 'iqn', lun: 256, chapAuthSession: true } }),
    [
      'spec.volumes[0].iscsi.iqn: Invalid value: "iqn": must be valid format',
      'spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'spec.volumes[0].iscsi.secretRef: Required value',
    ],
  ],
  ['disks', volume({ rbd: { monitors: [], image: 'i' } }), ['spec.volumes[0].rbd.monitors: Required value']],
  [
    'a disk of Azure',
    volume({ azureDisk: { diskName: 'd', diskURI: 'x', kind: 'Managed' } }),
    [
      'spec.volumes[0].azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
    ],
  ],
  [
    'options of a flex volume',
    volume({ flexVolume: { driver: 'd', options: { 'a.k8s.io/x': '1', x: '2', 'kubernetes.io': '3' } } }),
    [
      'spec.volumes[0].flexVolume.options[a.k8s.io/x]: Invalid value: "a.k8s.io/x": kubernetes.io and k8s.io namespaces are reserved',
      'spec.volumes[0].flexVolume.options[kubernetes.io]: Invalid value: "kubernetes.io": kubernetes.io and k8s.io namespaces are reserved',
    ],
  ],
  ['a claim for the pod', volume({ ephemeral: { volumeClaimTemplate: { spec: claim } } }), []],
  [
    'a wrong claim for the pod',
    volume({ ephemeral: { volumeClaimTemplate: { metadata: { name: 'n' }, spec: { accessModes: ['Mine'] } } } }),
    [
      'spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set',
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Unsupported value: "Mine": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
    ],
  ],
  [
    'the claim of another volume',
    {
      volumes: [
        { name: 'v', ephemeral: { volumeClaimTemplate: { spec: claim } } },
        { name: 'w', persistentVolumeClaim: { claimName: 'p-v' } },
      ],
    },
    [
      'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "p-v": must not reference a PVC that gets created for an ephemeral volume',
    ],
  ],
  ['a mount', mounted({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }), []],
  [
    'an unknown volume',
    mounted({ volumeMounts: [{ name: 'w', mountPath: '/v' }] }),
    ['spec.containers[0].volumeMounts[0].name: Not found: "w"'],
  ],
  [
    'a volume with an error is not there',
    mounted({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { hostPath: { path: '' } }),
    ['spec.volumes[0].hostPath.path: Required value', 'spec.containers[0].volumeMounts[0].name: Not found: "v"'],
  ],
  [
    'the same path twice',
    mounted({
      volumeMounts: [
        { name: 'v', mountPath: '/v' },
        { name: 'v', mountPath: '/v' },
      ],
    }),
    ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
  ],
  [
    'sub-paths',
    mounted({ volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '../a', subPathExpr: 'b' }] }),
    [
      `spec.containers[0].volumeMounts.subPath: Invalid value: "../a": must not contain '..'`,
      'spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive',
    ],
  ],
  [
    'propagation',
    mounted({ volumeMounts: [{ name: 'v', mountPath: '/v', mountPropagation: 'Bidirectional' }] }),
    [
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
    ],
  ],
  [
    'read-only below',
    mounted({ volumeMounts: [{ name: 'v', mountPath: '/v', recursiveReadOnly: 'Enabled' }] }),
    ['spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true'],
  ],
  [
    'a device',
    mounted({ volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }),
    [
      'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
    ],
  ],
]

for (const [title, spec, wanted] of worlds) {
  t.test(title, async (t) => t.strictSame(errorsOf(spec), wanted))
}
