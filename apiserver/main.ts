import { systemClock } from '../shared/clock.ts'
import { type FlagValues, helpPage, parseFlags, UsageError } from '../shared/flags.ts'
import { onLifelineEnd } from '../shared/lifeline.ts'
import { createLogger } from '../shared/log.ts'
import { apiServerFlags } from './options.ts'
import { startApiServer } from './server.ts'
import {
  checkAddress,
  checkAppendable,
  checkKeyPair,
  listenError,
  readAccountKey,
  readFlagFile,
  readTokenFile,
  StartError,
} from './start-files.ts'
import { openSqliteStorage } from './storage/sqlite-storage.ts'
import { StorageError } from './storage/storage.ts'

const USAGE = 'kube-apiserver: serves the Kubernetes API from a database of its own.'

type Values = FlagValues<typeof apiServerFlags>
type FileFlag =
  | 'tls-cert-file'
  | 'tls-private-key-file'
  | 'client-ca-file'
  | 'kubelet-client-certificate'
  | 'kubelet-client-key'
  | 'kubelet-certificate-authority'

function needed(flags: Values, name: 'data-dir' | 'tls-cert-file' | 'tls-private-key-file'): string {
  const value = flags[name]
  if (value === undefined) throw new UsageError(`--${name} is needed (see --help)`)
  return value
}

/** The contents of the file that a flag names, as a member of that name; nothing where the flag is not given. */
function fileOf<Name extends string>(flags: Values, flag: FileFlag, name: Name): Partial<Record<Name, string>> {
  const path = flags[flag]
  return path === undefined ? {} : ({ [name]: readFlagFile(flag, path) } as Partial<Record<Name, string>>)
}

async function main(argv: readonly string[]): Promise<void> {
  const { flags, words } = parseFlags(apiServerFlags, argv)
  if (flags.help) {
    process.stdout.write(helpPage(USAGE, apiServerFlags))
    return
  }
  if (words.length > 0) throw new UsageError(`unexpected argument: ${words[0]} (see --help)`)
  const dataDir = needed(flags, 'data-dir')
  const tls = {
    certificate: readFlagFile('tls-cert-file', needed(flags, 'tls-cert-file')),
    key: readFlagFile('tls-private-key-file', needed(flags, 'tls-private-key-file')),
    ...fileOf(flags, 'client-ca-file', 'clientAuthority'),
  }
  const tokenFile = flags['token-auth-file']
  const tokens = tokenFile === undefined ? {} : { tokens: readTokenFile('token-auth-file', tokenFile) }
  const kubelet = {
    ...fileOf(flags, 'kubelet-client-certificate', 'certificate'),
    ...fileOf(flags, 'kubelet-client-key', 'key'),
    ...fileOf(flags, 'kubelet-certificate-authority', 'authority'),
  }
  const auditPath = flags['audit-log-path']
  if (auditPath !== undefined) checkAppendable('audit-log-path', auditPath)
  const address = { host: flags['bind-address'], port: flags['secure-port'] }
  // Everything that can be wrong is looked at before the database is touched.
  checkKeyPair(tls)
  await checkAddress(address)

  const log = createLogger('kube-apiserver', flags['log-level'])
  const server = await startApiServer({
    storage: openSqliteStorage(dataDir),
    ...address,
    tls,
    ...(flags['insecure-port'] !== undefined && { insecurePort: flags['insecure-port'] }),
    ...tokens,
    kubelet,
    admission: {
      notReadyTolerationSeconds: flags['default-not-ready-toleration-seconds'],
      unreachableTolerationSeconds: flags['default-unreachable-toleration-seconds'],
      mountsAccountTokens: flags['automount-service-account-token'],
    },
    compaction: { keepMs: flags['etcd-compaction-interval'] },
    serviceAccounts: {
      key: readAccountKey(flags['service-account-signing-key-file'], dataDir),
      issuer: flags['service-account-issuer'],
    },
    authorization: flags['authorization-mode'],
    eventTtlSeconds: flags['event-ttl'] / 1000,
    limits: {
      requestTimeoutMs: flags['request-timeout'],
      minRequestTimeoutSeconds: flags['min-request-timeout'],
      inFlight: { readOnly: flags['max-requests-inflight'], mutating: flags['max-mutating-requests-inflight'] },
    },
    ...(auditPath !== undefined && {
      audit: {
        path: auditPath,
        bytesMax: flags['audit-log-maxsize'] * 1024 * 1024,
        backupsMax: flags['audit-log-maxbackup'],
      },
    }),
    clock: systemClock,
    log,
    onFailure(error) {
      log.fatal({ err: error }, 'the store has failed')
      process.exit(1)
    },
  }).catch((error) => {
    throw listenError(error, address)
  })

  const stop = async () => {
    await server.close()
    process.exit(0)
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
  if (flags.lifeline) onLifelineEnd(stop)
  process.stdout.write(`kube-apiserver is ready: ${server.url}\n`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StartError || error instanceof StorageError)) throw error
  process.stderr.write(`kube-apiserver: ${error.message}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}
