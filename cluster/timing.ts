/** The timing profiles: every time constant of failure detection as the flags of the component that it belongs to. */
export const TIMINGS = ['local', 'upstream'] as const
export type Timing = (typeof TIMINGS)[number]

interface TimingFlags {
  apiserver: readonly string[]
  controllerManager: readonly string[]
  kubelet: readonly string[]
  /** Of controller manager and scheduler, where they take part in leader election. */
  leaderElection: readonly string[]
}

/**
 * `local`: a lost node's pods are replaced after about 12 s (6 s until it is found out, 5 s of toleration).
 * `upstream`: Kubernetes' defaults, 50 s and 300 s.
 */
export const TIMING_FLAGS: Readonly<Record<Timing, TimingFlags>> = {
  local: {
    apiserver: ['--default-not-ready-toleration-seconds=5', '--default-unreachable-toleration-seconds=5'],
    controllerManager: [
      '--node-monitor-period=1s',
      '--node-monitor-grace-period=6s',
      '--node-startup-grace-period=10s',
      '--node-eviction-rate=1',
      '--secondary-node-eviction-rate=0.1',
      '--pod-gc-period=2s',
      '--pod-gc-quarantine=5s',
    ],
    kubelet: ['--node-status-update-frequency=2s', '--node-lease-duration-seconds=4'],
    leaderElection: [
      '--leader-elect-lease-duration=4s',
      '--leader-elect-renew-deadline=3s',
      '--leader-elect-retry-period=500ms',
    ],
  },
  upstream: {
    apiserver: ['--default-not-ready-toleration-seconds=300', '--default-unreachable-toleration-seconds=300'],
    controllerManager: [
      '--node-monitor-period=5s',
      '--node-monitor-grace-period=50s',
      '--node-startup-grace-period=60s',
      '--node-eviction-rate=0.1',
      '--secondary-node-eviction-rate=0.01',
      '--pod-gc-period=20s',
      '--pod-gc-quarantine=40s',
    ],
    kubelet: ['--node-status-update-frequency=10s', '--node-lease-duration-seconds=40'],
    leaderElection: [
      '--leader-elect-lease-duration=15s',
      '--leader-elect-renew-deadline=10s',
      '--leader-elect-retry-period=2s',
    ],
  },
}
