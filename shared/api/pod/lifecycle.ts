import { field, int64, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { ExecAction, HTTPGetAction, TCPSocketAction } from './probe.ts'

export const SleepAction = object(
  coreModel('SleepAction'),
  'Waits.',
  { seconds: int64('Seconds to wait; no longer than the grace period of the pod.') },
  { required: ['seconds'] },
)

export const LifecycleHandler = object(
  coreModel('LifecycleHandler'),
  'What to do at one moment in the life of a container: exactly one action.',
  {
    exec: field(ExecAction, 'Runs a program in the container.'),
    httpGet: field(HTTPGetAction, 'Sends an HTTP request.'),
    sleep: field(SleepAction, 'Waits.'),
    tcpSocket: field(TCPSocketAction, 'Not supported as a handler: kept for old clients, and fails at run time.'),
  },
)
export type LifecycleHandler = Static<typeof LifecycleHandler>

export const Lifecycle = object(coreModel('Lifecycle'), 'Actions at the start and at the end of a container.', {
  postStart: field(
    LifecycleHandler,
    'Run right after the container has started. When it fails, the container is ended and restarted by its restart policy.',
  ),
  preStop: field(
    LifecycleHandler,
    'Run before the container is asked to end; the grace period counts from its start. Not run when the container ends by itself.',
  ),
  stopSignal: text(
    'Signal that asks the container to end, such as SIGUSR1. Default: what the image says, or SIGTERM. Needs `spec.os.name`.',
  ),
})
export type Lifecycle = Static<typeof Lifecycle>
