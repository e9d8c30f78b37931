import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'

/** Characters of lines that wait for the disk. Those that come when it is full are lost, and the log tells how many. */
const BUFFERED_CHARACTERS_MAX = 8 * 1024 * 1024
/** Lines are written together, this long after the first of them. */
const FLUSH_MS = 50
const FILE_MODE = 0o600

export interface AuditLogOptions {
  path: string
  /** The file is put aside when it grows beyond this; 0: never. */
  bytesMax: number
  /** How many of those put aside are kept; 0: all. */
  backupsMax: number
  clock: Clock
  log: Logger
}

export interface AuditLog {
  write(line: string): void
  /** Writes what waits, then closes the file. */
  close(): Promise<void>
}

/** `audit-2026-01-31T12-00-00.000.log` for `audit.log`, as upstream names them. */
const backupPath = (path: string, nowMs: number) => {
  const extension = extname(path)
  const instant = new Date(nowMs).toISOString().slice(0, 23).replaceAll(':', '-')
  return join(dirname(path), `${basename(path, extension)}-${instant}${extension}`)
}

async function removeOldBackups(path: string, backupsMax: number): Promise<void> {
  if (backupsMax === 0) return
  const extension = extname(path)
  const stem = `${basename(path, extension)}-`
  const isBackup = (name: string) =>
    name.startsWith(stem) && /^\d{4}-\d\d-\d\dT[\d.-]+$/.test(name.slice(stem.length, name.length - extension.length))
  const backups = (await readdir(dirname(path))).filter(isBackup).sort()
  await Promise.all(backups.slice(0, -backupsMax).map((name) => rm(join(dirname(path), name))))
}

/** Opens the log, whose file goes on where it ended. Throws where the file cannot be written. */
export async function openAuditLog({ path, bytesMax, backupsMax, clock, log }: AuditLogOptions): Promise<AuditLog> {
  let file: FileHandle = await open(path, 'a', FILE_MODE)
  let { size } = await file.stat()
  let lines: string[] = []
  let buffered = 0
  let lost = 0
  let cancelFlush: (() => void) | undefined
  let writing: Promise<void> = Promise.resolve()

  async function rotate(): Promise<void> {
    await file.close()
    await rename(path, backupPath(path, clock.nowMs()))
    file = await open(path, 'a', FILE_MODE)
    size = 0
    await removeOldBackups(path, backupsMax)
  }

  async function writeOut(text: string): Promise<void> {
    try {
      const bytes = Buffer.from(text)
      if (bytesMax > 0 && size > 0 && size + bytes.length > bytesMax) await rotate()
      await file.appendFile(bytes)
      size += bytes.length
    } catch (error) {
      log.error({ err: error, path }, 'the audit log cannot be written')
    }
  }

  function flush(): void {
    cancelFlush = undefined
    const text = lines.join('')
    if (lost > 0) log.error({ lost }, 'the audit log has lost lines: the disk does not keep up')
    lines = []
    lost = 0
    writing = writing
      .then(() => writeOut(text))
      .finally(() => {
        buffered -= text.length
      })
  }

  return {
    write(line) {
      if (buffered + line.length > BUFFERED_CHARACTERS_MAX) {
        lost++
        return
      }
      buffered += line.length
      lines.push(line)
      cancelFlush ??= clock.after(FLUSH_MS, flush)
    },
    async close() {
      cancelFlush?.()
      if (lines.length > 0 || lost > 0) flush()
      await writing
      await file.close()
    },
  }
}
