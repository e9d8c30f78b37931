/** Power cuts: the file operations of a run are recorded, and disks are made of it as a cut at any moment may leave them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSqliteStorage } from '../../apiserver/storage/sqlite-storage.ts'
import { createRandom, type Random } from '../support/random.ts'
import { Claims } from './power-cut/claims.ts'
import { Disk } from './power-cut/disk.ts'
import { type FileOperation, readOperations, straceArguments } from './power-cut/strace.ts'

export interface PowerCutOptions {
  directory: string
  seed: number
  /** Writes of the run that is recorded. */
  writes: number
  /** Disks that are made of it. */
  images: number
  /** Whether the disk takes no notice of syncs of the write-ahead log: then there must be faults. */
  isDeaf?: boolean
  report?: (line: string) => void
}

export interface PowerCutResult {
  operations: number
  images: number
  /** Images that lacked something that had been written. */
  incomplete: number
  acknowledged: number
  faults: string[]
}

const WRITER = fileURLToPath(new URL('./fixtures/recorded-writer.ts', import.meta.url))
/** How far the store's count goes on where it may have lost something; see apiserver/storage/state.ts. */
const SKIPPED = 1_000_000
/** How likely a change that was not synced survives, from image to image. */
const KEEPS: readonly number[] = [0, 0.1, 0.5, 0.9, 1]

/** Runs the writer under strace; returns what it did to the files of `data`. */
async function record({ directory, seed, writes }: PowerCutOptions, data: string): Promise<FileOperation[]> {
  const output = join(directory, 'strace')
  const args = [...straceArguments(output), process.execPath, WRITER, data, String(writes), String(seed)]
  const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the recorded run ended with ${code}`)
  return readOperations(output, data)
}

/** The moments of the cuts, in order: half of them anywhere, half close to where the database itself is written. */
function chooseMoments(operations: readonly FileOperation[], images: number, random: Random): number[] {
  const delicate = operations.flatMap((operation, index) =>
    'path' in operation && operation.path.endsWith('state.db') && operation.do !== 'create' ? [index] : [],
  )
  return Array.from({ length: images }, (_, image) => {
    const near = image % 2 === 0 ? random.pick(delicate) - 6 + random.below(13) : random.below(operations.length + 1)
    return Math.max(0, Math.min(operations.length, near))
  }).sort((a, b) => a - b)
}

/** Opens a disk after the cut and says what is wrong with it. */
async function judge(image: string, claims: Claims): Promise<string[]> {
  const storage = openSqliteStorage(image, { boot: 'the boot after the cut' })
  try {
    return await claims.judge(storage, SKIPPED)
  } finally {
    await storage.close()
  }
}

export async function runPowerCuts(options: PowerCutOptions): Promise<PowerCutResult> {
  const { directory, seed, images, report = () => undefined } = options
  const data = join(directory, 'data')
  const operations = (await record(options, data)).filter(
    (operation) => !(options.isDeaf && operation.do === 'syncEnd' && operation.path.endsWith('-wal')),
  )
  const random = createRandom(seed)
  const disk = new Disk()
  const claims = new Claims()
  const result: PowerCutResult = { operations: operations.length, images, incomplete: 0, acknowledged: 0, faults: [] }
  let done = 0
  for (const [image, moment] of chooseMoments(operations, images, random).entries()) {
    for (const operation of operations.slice(done, moment)) {
      if (operation.do !== 'say') disk.apply(operation, data)
      else
        for (const line of operation.text.trimEnd().split('\n')) {
          claims.hear(line)
          if (!line.startsWith('try')) result.acknowledged++
        }
    }
    done = moment
    if (disk.hasPending) result.incomplete++
    const path = join(directory, 'image')
    mkdirSync(path, { mode: 0o700 })
    disk.cut(path, random.pick(KEEPS), random)
    try {
      for (const fault of await judge(path, claims)) result.faults.push(`image ${image} at ${moment}: ${fault}`)
    } catch (error) {
      result.faults.push(`image ${image} at ${moment} does not open: ${error}`)
    }
    rmSync(path, { recursive: true })
    report(`image ${image + 1} of ${images}`)
  }
  return result
}
