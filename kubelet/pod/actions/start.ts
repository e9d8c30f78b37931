import { dirname } from 'node:path'
import type { Container } from '../../../shared/api/pod/pod.ts'
import { runHook } from '../hooks/run-hook.ts'
import type { PodMemory } from '../memory.ts'
import type { PodAction } from '../plan-step.ts'
import { removeOldLogs } from '../run-logs.ts'
import { startContainer } from '../start-container.ts'
import type { ContainerRun } from '../world.ts'
import { type ActionDeps, containerOf } from './action-deps.ts'

/**
 * Runs the postStart hook of a run that has just started. The worker goes on meanwhile: what it does not do before the
 * hook has succeeded is the plan's matter.
 */
function beginPostStart(memory: PodMemory, container: Container, run: ContainerRun, deps: ActionDeps): void {
  const hook = container.lifecycle?.postStart
  if (hook === undefined) return
  const { events, onDone, signal } = deps
  const { pod, sandbox, postStarts, stops } = memory
  postStarts.set(run.id, { is: 'underWay' })
  runHook(hook, { pod, container, run, podIp: sandbox?.ip ?? '' }, deps).then((failure) => {
    // A run that is being ended takes its hook along, and one that is forgotten is nobody's matter any more.
    if (!postStarts.has(run.id) || stops.has(run.id) || signal.aborted) return
    if (failure === undefined) postStarts.delete(run.id)
    else {
      postStarts.set(run.id, { is: 'failed', message: failure })
      // What the hook printed may be a secret: it is in the status, not in the event.
      events.container(container.name, 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
    }
    onDone()
  }, onDone)
}

export async function start(
  memory: PodMemory,
  { name, attempt, backOff }: Extract<PodAction, { do: 'startContainer' }>,
  deps: ActionDeps,
): Promise<void> {
  const { pod, failures, sandbox } = memory
  const container = containerOf(memory, name)
  const request = {
    pod,
    container,
    attempt,
    podIp: sandbox?.ip ?? '',
    directory: deps.directoryOf(pod.metadata.uid),
    events: deps.events,
    previous: failures.get(name),
  }
  const result = await startContainer(request, deps)
  if (result.is === 'failure') {
    failures.set(name, result.failure)
    return
  }
  const { run } = result
  failures.delete(name)
  memory.ownRuns.add(run.id)
  if (backOff !== undefined) memory.backOffs.set(name, backOff)
  if (run.reason === 'StartError') memory.unrecorded.push(run)
  else beginPostStart(memory, container, run, deps)
  await removeOldLogs(dirname(run.logPath), deps.logs.instancesMax)
}
