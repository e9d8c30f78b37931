/** Taking part in leader election as a component's flags say; one that runs alone loads nothing of it. */
import type { Client } from '../client/client.ts'
import { type Clock, systemClock } from '../clock.ts'
import { type Flags, type FlagValues, UsageError } from '../flags.ts'
import type { Logger } from '../log.ts'
import type { LeaderElection } from './leader-election.ts'

/** Flags of leader election, named as upstream's and with its defaults. */
export const leadershipFlags = (component: string) =>
  ({
    'leader-elect': {
      type: 'boolean',
      default: true,
      description: 'Act only while this process holds the lease, so that several can run. =false: it is the only one.',
    },
    'leader-elect-lease-duration': {
      type: 'duration',
      default: '15s',
      description: 'Time after which the lease of a leader that no longer shows itself is taken by another.',
    },
    'leader-elect-renew-deadline': {
      type: 'duration',
      default: '10s',
      description: 'Time after which a leader gives up that cannot renew its lease. Less than the lease duration.',
    },
    'leader-elect-retry-period': {
      type: 'duration',
      default: '2s',
      description: 'Time between two tries to take or renew the lease.',
    },
    'leader-elect-resource-name': { type: 'string', default: component, description: 'Name of the lease.' },
    'leader-elect-resource-namespace': {
      type: 'string',
      default: 'kube-system',
      description: 'Namespace of the lease.',
    },
  }) as const satisfies Flags

export type LeadershipFlags = FlagValues<ReturnType<typeof leadershipFlags>>

/** Upstream's rules for the durations, so that a leader gives up before another takes over. Throws a UsageError. */
function checkDurations(flags: LeadershipFlags): void {
  const duration = flags['leader-elect-lease-duration']
  const deadline = flags['leader-elect-renew-deadline']
  if (duration <= deadline)
    throw new UsageError('--leader-elect-lease-duration must be greater than --leader-elect-renew-deadline')
  if (deadline <= flags['leader-elect-retry-period'] * 1.2)
    throw new UsageError('--leader-elect-renew-deadline must be greater than 1.2 times --leader-elect-retry-period')
}

export interface LeadershipOptions {
  client: Client
  logger: Logger
  component: string
  clock?: Clock
  /** Ends the process: it no longer leads, or a defect has stopped the election. */
  onEnd(error?: unknown): void
}

const ALONE: LeaderElection = {
  leading: Promise.resolve(),
  standingBy: new Promise(() => undefined),
  release: () => Promise.resolve(),
}

/** Begins to take part; without `--leader-elect` the process leads at once. Throws a UsageError for impossible durations. */
export async function takePart(flags: LeadershipFlags, options: LeadershipOptions): Promise<LeaderElection> {
  if (!flags['leader-elect']) return ALONE
  checkDurations(flags)
  const { client, logger, component, clock = systemClock, onEnd } = options
  const [{ startLeaderElection }, { hostname }] = await Promise.all([import('./leader-election.ts'), import('node:os')])
  return startLeaderElection({
    client,
    clock,
    logger,
    component,
    identity: `${hostname()}_${crypto.randomUUID()}`,
    leaseName: flags['leader-elect-resource-name'],
    namespace: flags['leader-elect-resource-namespace'],
    leaseDurationMs: flags['leader-elect-lease-duration'],
    renewDeadlineMs: flags['leader-elect-renew-deadline'],
    retryPeriodMs: flags['leader-elect-retry-period'],
    onLost: () => onEnd(),
    onFailure: onEnd,
  })
}
