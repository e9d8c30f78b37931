import t from 'tap'
import { statusPatch } from '../../../kubelet/pod/status-patch.ts'
import type { PodStatus } from '../../../shared/api/pod/pod.ts'
import { pod, UID } from './worlds.ts'

const time = '2026-01-01T00:00:00Z'
const ready = (status: 'True' | 'False', extra = {}) => ({ type: 'Ready', status, lastTransitionTime: time, ...extra })

const rows: [title: string, stored: PodStatus, wanted: PodStatus, patch: unknown][] = [
  ['nothing to report', { phase: 'Running' }, { phase: 'Running' }, undefined],
  ['what others own stays', { phase: 'Running', qosClass: 'BestEffort' }, { phase: 'Running' }, undefined],
  ['a change', { phase: 'Pending' }, { phase: 'Running' }, { phase: 'Running' }],
  ['a reason that no longer holds is taken away', { reason: 'x' }, {}, { reason: null }],
  [
    'another address takes the place of the old one',
    { podIPs: [{ ip: 'a' }] },
    { podIPs: [{ ip: 'b' }] },
    { podIPs: [{ ip: 'b' }, { $patch: 'replace' }] },
  ],
  [
    'only conditions that differ',
    { conditions: [ready('True'), { type: 'Initialized', status: 'True' }] },
    { conditions: [ready('False', { reason: 'r' }), { type: 'Initialized', status: 'True' }] },
    { conditions: [ready('False', { reason: 'r' })] },
  ],
  [
    'a condition without the reason that it had',
    { conditions: [ready('False', { reason: 'r', message: 'm' })] },
    { conditions: [ready('True')] },
    { conditions: [ready('True', { reason: null, message: null })] },
  ],
  [
    'another time alone is no change',
    { conditions: [ready('True')] },
    { conditions: [{ ...ready('True'), lastTransitionTime: 'x' }] },
    undefined,
  ],
]

for (const [title, stored, wanted, patch] of rows) {
  t.test(title, async (t) => {
    const body = patch === undefined ? undefined : { metadata: { uid: UID }, status: patch }
    t.strictSame(statusPatch(pod({}, {}, stored), wanted), body)
  })
}
