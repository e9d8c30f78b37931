/** The three steps in which a run is ended. None waits: the pod may need something else while the container takes its time. */
import { runHook } from '../hooks/run-hook.ts'
import type { PodMemory } from '../memory.ts'
import type { PodAction } from '../plan-step.ts'
import { type Stop, stopSignalOf } from '../world.ts'
import { type ActionDeps, containerOf } from './action-deps.ts'

type Do<Name extends PodAction['do']> = Extract<PodAction, { do: Name }>

function change(memory: PodMemory, id: string, changed: Partial<Stop>): void {
  const stop = memory.stops.get(id)
  if (stop !== undefined) memory.stops.set(id, { ...stop, ...changed })
}

async function runOf(memory: PodMemory, id: string, deps: ActionDeps) {
  return (await deps.runsOf(memory.pod.metadata.uid)).find((run) => run.id === id)
}

/** Tells of the stop and begins the preStop hook, whose end, or that of the grace, the plan waits for. */
export async function beginStop(
  memory: PodMemory,
  { id, name, graceMs, why, message }: Do<'beginStop'>,
  deps: ActionDeps,
): Promise<void> {
  const { events, clock, onDone, signal } = deps
  const run = await runOf(memory, id, deps)
  events.container(name, 'Normal', 'Killing', message)
  const container = containerOf(memory, name)
  const hook = run === undefined || graceMs <= 0 ? undefined : container.lifecycle?.preStop
  memory.stops.set(id, { why, graceEndsMs: clock.nowMs() + graceMs, isInHook: hook !== undefined })
  if (hook === undefined || run === undefined) return
  const { pod, sandbox } = memory
  runHook(hook, { pod, container, run, podIp: sandbox?.ip ?? '' }, deps).then((failure) => {
    if (signal.aborted) return
    // What the hook printed may be a secret: events do not tell it.
    if (failure !== undefined) events.container(name, 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
    change(memory, id, { isInHook: false })
    onDone()
  }, onDone)
}

export async function shortenGrace(
  memory: PodMemory,
  { id, graceMs }: Do<'shortenGrace'>,
  { clock }: ActionDeps,
): Promise<void> {
  change(memory, id, { graceEndsMs: clock.nowMs() + graceMs })
}

/** SIGTERM, or what the image or the container names instead; the runtime sends SIGKILL after the grace. */
export async function terminate(
  memory: PodMemory,
  { id, name, graceMs }: Do<'terminate'>,
  deps: ActionDeps,
): Promise<void> {
  const { runtime, clock, onDone } = deps
  const run = await runOf(memory, id, deps)
  const killAtMs = clock.nowMs() + graceMs
  change(memory, id, { killAtMs })
  const signal = run === undefined ? {} : stopSignalOf(run, containerOf(memory, name))
  runtime.stopContainer(id, { graceMs, ...signal }).then(
    () => onDone(),
    (error: Error) => {
      // As if it had not been asked for: the next plan asks again.
      const stop = memory.stops.get(id)
      if (stop?.killAtMs === killAtMs) {
        const { killAtMs: _, ...asked } = stop
        memory.stops.set(id, asked)
      }
      onDone(error)
    },
  )
}
