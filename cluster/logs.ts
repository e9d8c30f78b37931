/** `kubeproc logs`: the logs of a container's earlier runs, which kubectl cannot ask for. */
import { existsSync } from 'node:fs'
import { readKubeconfig } from '../shared/client/kubeconfig.ts'
import { errorFromResponse } from '../shared/client/status-error.ts'
import { Transport } from '../shared/client/transport.ts'
import { UsageError } from '../shared/flags.ts'
import { ClusterError } from './cluster-error.ts'
import { DATA_DIR_FLAG } from './launcher.ts'
import { layoutOf } from './layout.ts'
import type { Command } from './main.ts'
import { formatTable } from './status.ts'

const REQUEST_TIMEOUT_MS = 30_000

interface LogsFlags {
  'data-dir': string
  namespace: string
  container: string | undefined
  instance: number | undefined
  list: boolean
  timestamps: boolean
  tail: number | undefined
}

interface Listing {
  instances: { instance: number; bytes: number; firstLine?: string; lastLine?: string }[]
}

/** The answer to a request for a log, as it is. */
async function askForLog(flags: LogsFlags, pod: string): Promise<Buffer> {
  const { root, kubeconfig } = layoutOf(flags['data-dir'])
  if (!existsSync(kubeconfig)) throw new ClusterError(`there is no cluster in ${root}: name another with --data-dir`)
  const { namespace, container, instance, list, timestamps, tail } = flags
  const query = new URLSearchParams({
    ...(container !== undefined && { container }),
    ...(instance !== undefined && { instance: String(instance) }),
    ...(list && { instances: 'true' }),
    ...(timestamps && { timestamps: 'true' }),
    ...(tail !== undefined && { tailLines: String(tail) }),
  })
  const transport = new Transport({
    connection: readKubeconfig(kubeconfig),
    userAgent: 'kubeproc',
    connectionsMax: 1,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    watchIdleTimeoutMs: REQUEST_TIMEOUT_MS,
  })
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query}`
    const { status, body } = await transport.exchange({ method: 'GET', path })
    if (status >= 300) throw errorFromResponse(status, body)
    return body
  } finally {
    await transport.close()
  }
}

const seconds = (time: string | undefined) => (time === undefined ? '-' : `${time.slice(0, 19)}Z`)

const table = ({ instances }: Listing) =>
  formatTable([
    ['INSTANCE', 'BYTES', 'FIRST LINE', 'LAST LINE'],
    ...instances.map(({ instance, bytes, firstLine, lastLine }) => [
      String(instance),
      String(bytes),
      seconds(firstLine),
      seconds(lastLine),
    ]),
  ])

export const logs: Command = {
  usage: 'logs POD [--list | --instance K]',
  description: 'Show the log of an earlier run of a container, or which runs have one.',
  wordsMax: 1,
  flags: {
    ...DATA_DIR_FLAG,
    namespace: { type: 'string', short: 'n', default: 'default', description: 'Namespace of the pod.' },
    container: { type: 'string', short: 'c', description: 'The container, where the pod has several.' },
    instance: {
      type: 'number',
      min: 0,
      description: 'Number of the run, from 0. Default: the one that runs, or the last one.',
    },
    list: { type: 'boolean', description: 'Show which runs have a log.' },
    timestamps: { type: 'boolean', description: 'Show when each line was written.' },
    tail: { type: 'number', min: 0, description: 'Only this many lines, from the end.' },
  },
  async run(flags: LogsFlags, [pod]) {
    if (pod === undefined) throw new UsageError('usage: kubeproc logs POD [--list | --instance K]')
    const answer = await askForLog(flags, pod.replace(/^(pods?|po)\//, ''))
    if (flags.list) console.log(table(JSON.parse(answer.toString())))
    else process.stdout.write(answer)
    return 0
  },
}
