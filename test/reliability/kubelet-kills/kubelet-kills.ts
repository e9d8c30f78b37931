/**
 * A kubelet is killed while pods are in every phase of their life, and again while it takes them back. Whatever the
 * moment: nothing runs twice, nothing is restarted that lives, no line and no exit code is lost, and nothing stays
 * behind of what was deleted.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { isAlive, textsOf } from '../../kubelet/runtime/support.ts'
import { processesOf } from '../../support/cluster.ts'
import { createRandom, type Random } from '../../support/random.ts'
import { startTestNode, statusOf, type TestNode } from '../../support/test-node.ts'
import { until } from '../../support/until.ts'
import { fits, STORIES, type Story } from './stories.ts'

const DEADLINE_MS = 60_000
/** Longest wait between the moment at which all pods are in their phase and the kill; as long as the creation of the last takes. */
const KILL_AFTER_MS_MAX = 120
/** Longest life of a kubelet that is killed on its way up. */
const UP_FOR_MS_MAX = 600

export interface KubeletKillsOptions {
  directory: string
  seed: number
  /** Each kills a kubelet at least once, in all phases of all stories. */
  rounds: number
  report?(line: string): void
}

export interface KubeletKillsResult {
  kills: number
  pods: number
  faults: string[]
}

/** A pod of a story, in one round. */
interface Cast {
  story: Story
  name: string
  ledger: string
}

const wordsOf = ({ ledger }: Cast): string[] =>
  existsSync(ledger)
    ? readFileSync(ledger, 'utf8')
        .split('\n')
        .filter((word) => word !== '')
    : []

async function reach({ node, cast }: { node: TestNode; cast: Cast }): Promise<void> {
  const { story, name } = cast
  const { reached, deleted } = story
  if (deleted === 'before') {
    await until(() => wordsOf(cast).includes('start'), { deadlineMs: DEADLINE_MS })
    await node.until(name, ({ status }) => status.phase === 'Running')
    await node.delete(name)
  }
  if (typeof reached === 'string') await until(() => wordsOf(cast).includes(reached), { deadlineMs: DEADLINE_MS })
  else if (reached !== undefined) await node.until(name, reached)
}

/** Kills the kubelet `upTimes` times on its way up, then lets it come up. Returns how often it was killed. */
async function comeBack({ kubelet }: TestNode, random: Random): Promise<number> {
  let kills = 0
  for (; random.chance(0.4); kills++) {
    const starting = kubelet.start().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, random.below(UP_FOR_MS_MAX)))
    await kubelet.kill()
    await starting
  }
  await kubelet.start()
  return kills
}

function faultsOf(node: TestNode, cast: Cast, last: Pod | undefined): string[] {
  const { story, name } = cast
  const words = wordsOf(cast)
  const faults: string[] = []
  if (!fits(story.ledger, words)) faults.push(`${name}: [${words}] instead of [${story.ledger}]`)
  const status = statusOf(last)
  if (!story.restarts && status !== undefined && status.restartCount !== 0)
    faults.push(`${name}: restarted ${status.restartCount} times`)
  const { exitCode } = story
  const ended = status?.state.terminated?.exitCode
  if (exitCode !== undefined && ended !== exitCode) faults.push(`${name}: ended with ${ended} instead of ${exitCode}`)
  if (last === undefined) return faults
  if (story.deleted !== undefined && existsSync(join(node.kubelet.rootDirectory, 'pods', last.metadata.uid)))
    faults.push(`${name}: its directory is left`)
  return faults
}

/** A pod that runs through all rounds, and must not notice any of them. */
async function startWitness(node: TestNode, directory: string) {
  const script = `i=0; while :; do echo line $i; i=$((i+1)); sleep 0.05; done # ${directory}/`
  const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1 }
  await node.create('witness', node.one({ command: ['sh', '-c', script], readinessProbe }))
  const before = await node.untilReady('witness')
  const { containerID } = statusOf(before)!
  const pid = node.pidOf(containerID!)
  const readySince = (pod: Pod) => pod.status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime
  return async (): Promise<string[]> => {
    const now = await node.get('witness')
    const lines = textsOf(node.logOf(now))
    const gap = lines.findIndex((line, index) => line !== `line ${index}`)
    return [
      ...(isAlive(pid) ? [] : ['the witness is dead']),
      ...(statusOf(now)?.containerID === containerID && statusOf(now)?.restartCount === 0
        ? []
        : ['the witness was restarted']),
      ...(readySince(now) === readySince(before) ? [] : ['the witness was not Ready for a while']),
      ...(gap === -1 ? [] : [`the log of the witness has ${lines[gap]} as line ${gap}`]),
    ]
  }
}

async function playRound(node: TestNode, round: number, { directory, random }: { directory: string; random: Random }) {
  const stage = join(directory, `round-${round}`)
  mkdirSync(stage)
  const gate = join(stage, 'go-on')
  const casts = STORIES.map(
    (story): Cast => ({ story, name: `${story.name}-${round}`, ledger: join(stage, story.name) }),
  )
  const lastSeen = new Map<string, Pod>()
  const unsubscribe = node.seenPods.follow((pod) => lastSeen.set(pod.metadata.name, pod))

  const enter = ({ story, name, ledger }: Cast) => {
    writeFileSync(`${ledger}.say`, `echo "$1" >> ${ledger}\n`)
    const shell = { say: `sh ${ledger}.say`, hold: `until test -e ${gate}; do sleep 0.05; done` }
    return node.create(name, { terminationGracePeriodSeconds: 5, ...story.spec(shell) })
  }
  const [held, free] = [casts.filter(({ story }) => story.reached), casts.filter(({ story }) => !story.reached)]
  await Promise.all(held.map(enter))
  await Promise.all(held.map((cast) => reach({ node, cast })))
  await Promise.all(free.map(enter))
  await new Promise((resolve) => setTimeout(resolve, random.below(KILL_AFTER_MS_MAX)))
  await node.kubelet.kill()

  for (const { story, name } of casts) {
    if (story.deleted === 'away') await node.delete(name)
    if (story.deleted === 'awayByForce') await node.delete(name, 0)
  }
  const isEarly = random.chance(0.5)
  if (isEarly) writeFileSync(gate, '')
  const kills = 1 + (await comeBack(node, random))
  if (!isEarly) writeFileSync(gate, '')

  for (const cast of casts) {
    const { story, name } = cast
    if (story.deleted !== undefined) await node.untilGone(name)
    else await node.until(name, (pod) => story.settled!(pod, wordsOf(cast)))
  }
  // What is removed from the node may be so a moment after the API has forgotten the pod.
  const gone = casts.filter(({ story }) => story.deleted !== undefined)
  const left = () =>
    gone.filter(({ name }) => processesOf(stage).some((line) => line.includes(`/${name.replace(/-\d+$/, '')}.say`)))
  await until(() => left().length === 0, { deadlineMs: DEADLINE_MS, describe: left })
  await until(
    () =>
      gone.every(({ name }) => !existsSync(join(node.kubelet.rootDirectory, 'pods', lastSeen.get(name)!.metadata.uid))),
    { deadlineMs: DEADLINE_MS },
  )
  const faults = casts.flatMap((cast) => faultsOf(node, cast, lastSeen.get(cast.name)))

  for (const { story, name } of casts) if (story.deleted === undefined) await node.delete(name, 0)
  await Promise.all(casts.map(({ name }) => node.untilGone(name)))
  await until(() => processesOf(stage).length === 0, { deadlineMs: DEADLINE_MS, describe: () => processesOf(stage) })
  unsubscribe()
  return { kills, pods: casts.length, faults }
}

export async function runKubeletKills({
  directory,
  seed,
  rounds,
  report = () => undefined,
}: KubeletKillsOptions): Promise<KubeletKillsResult> {
  const random = createRandom(seed)
  const node = await startTestNode(directory, ['--crash-loop-backoff-initial=1s', '--crash-loop-backoff-max=2s'])
  try {
    const witness = await startWitness(node, directory)
    const result: KubeletKillsResult = { kills: 0, pods: 1, faults: [] }
    for (let round = 0; round < rounds; round++) {
      const played = await playRound(node, round, { directory, random })
      result.kills += played.kills
      result.pods += played.pods
      const faults = [...played.faults, ...(await witness())]
      result.faults.push(...faults.map((fault) => `round ${round}: ${fault}`))
      report(`round ${round + 1} of ${rounds}`)
    }
    // Records go a moment after their processes.
    const records = () =>
      readdirSync(join(node.kubelet.rootDirectory, 'containers')).filter((name) => name.endsWith('.json'))
    await until(() => records().length === 1, { deadlineMs: DEADLINE_MS, describe: records })
    await node.delete('witness', 0)
    return result
  } finally {
    await node.stop()
  }
}
