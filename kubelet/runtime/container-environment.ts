import { homedir } from 'node:os'
import { delimiter, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Programs that are loaded into every Node program of a pod, in this order. */
const PRELOADS = ['../preload/bind-pod-address.cjs', '../preload/pod-hostname.cjs'].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
)

/** Where programs are looked for when neither the image, the pod nor this process says. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** A word of NODE_OPTIONS: quoted, since the path may hold spaces. */
const quoted = (path: string) => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const PRELOAD_OPTIONS = PRELOADS.map((path) => `--require ${quoted(path)}`).join(' ')

export interface PodIdentity {
  /** The pod's address. */
  ip: string
  /** Name of the pod. */
  hostname: string
}

/** What npm puts into the PATH of whatever it starts: programs of kubeproc's own development. */
const NPM_DIRECTORY = /[\\/](node_modules[\\/]\.bin|node-gyp-bin)$/

/** This process's own PATH, without what npm has added for its sake. */
export const inheritedPath = (path = DEFAULT_PATH): string =>
  path
    .split(delimiter)
    .filter((directory) => !NPM_DIRECTORY.test(directory))
    .join(delimiter)

/** Where the Node that kubeproc runs on is, before wherever else programs are. */
const searchPath = (path = inheritedPath(process.env.PATH)) => [dirname(process.execPath), path].join(delimiter)

/**
 * The whole environment of a container that shares the host's network: what image and pod set (`env`), and what the
 * runtime adds. `POD_IP`, `HOST` and `HOSTNAME` tell the program who it is, unless the pod uses these names for something
 * else; `node` is the Node that kubeproc runs on; the preloads make Node programs keep to the pod's address. Nothing of
 * the kubelet's own environment gets in.
 */
export function containerEnvironment(
  env: Readonly<Record<string, string>>,
  { ip, hostname }: PodIdentity,
): Record<string, string> {
  const { PATH, NODE_OPTIONS } = env
  return {
    HOME: homedir(),
    HOSTNAME: hostname,
    HOST: ip,
    POD_IP: ip,
    ...env,
    PATH: searchPath(PATH),
    NODE_OPTIONS: NODE_OPTIONS === undefined ? PRELOAD_OPTIONS : `${PRELOAD_OPTIONS} ${NODE_OPTIONS}`,
  }
}

/** The same for a container with a network of its own, which keeps to itself without any preload. Its user has a home. */
export const isolatedEnvironment = (
  env: Readonly<Record<string, string>>,
  { ip, hostname }: PodIdentity,
): Record<string, string> => ({ HOSTNAME: hostname, POD_IP: ip, ...env, PATH: searchPath(env.PATH) })
