/** What the API server needs from outside before it touches its data: files, and a free port. */
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { generateSigningKey, readSigningKey } from './auth/service-account/signing-key.ts'
import { parseTokenFile } from './auth/token-file.ts'

/** The server cannot start; the message is one line that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The contents of the file that a flag names. Throws a StartError. */
export function readFlagFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartError(`--${flag}: ${path} cannot be read (${code}): check the path and its rights`)
  }
}

/** Throws a StartError where the file that a flag names cannot be written to. Makes it if it is not there. */
export function checkAppendable(flag: string, path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartError(`--${flag}: ${path} cannot be written (${code}): check the path and its rights`)
  }
}

/**
 * The key that signs tokens of service accounts, in PEM: from the file that the flag names, else from one of its own in the
 * data directory, which is made if it is not there. Throws a StartError.
 */
export function readAccountKey(path: string | undefined, dataDir: string): string {
  const flag = 'service-account-signing-key-file'
  const own = join(dataDir, 'service-account.key')
  if (path === undefined && !existsSync(own))
    // What is there already, of another server that starts at the same time, is not written over.
    writeFileSync(own, generateSigningKey(), { mode: 0o600, flag: 'wx' })
  const pem = readFlagFile(flag, path ?? own)
  try {
    readSigningKey(pem)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new StartError(`--${flag}: ${path ?? own} is of no use (${detail})`)
  }
  return pem
}

/** The contents of a token file. Throws a StartError where it is none. */
export function readTokenFile(flag: string, path: string): string {
  const text = readFlagFile(flag, path)
  try {
    parseTokenFile(text)
  } catch (error) {
    throw new StartError(`--${flag}: ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return text
}

/** Throws a StartError where certificate and key are none, or do not belong together. */
export function checkKeyPair(tls: { certificate: string; key: string; clientAuthority?: string }): void {
  try {
    createSecureContext({ cert: tls.certificate, key: tls.key, ca: tls.clientAuthority })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new StartError(
      `--tls-cert-file and --tls-private-key-file are of no use (${detail}): give a certificate and its key in PEM`,
    )
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: stop what listens there, or choose another with --secure-port (0: any free port)',
  EACCES: 'may not be used by this user: choose one above 1023 with --secure-port',
  EADDRNOTAVAIL: 'is not an address of this machine: choose another with --bind-address',
}

/** A failure to listen, as a StartError where there is something to do about it. */
export function listenError(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const { code = '' } = error as NodeJS.ErrnoException
  const advice = ADVICE[code]
  return advice === undefined ? error : new StartError(`${host}:${port} ${advice}`)
}

/** Throws a StartError where nothing can listen at an address. Leaves it free. */
export async function checkAddress(address: { host: string; port: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer().once('error', reject)
  server.listen(address.port, address.host, () => server.close(() => resolve()))
  await promise.catch((error) => {
    throw listenError(error, address)
  })
}
