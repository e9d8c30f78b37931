/** Reads strace's record of a run: what was done to the files of a directory, and what was said, in order. */
import { createReadStream } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

export type FileOperation =
  | { do: 'create'; path: string }
  | { do: 'write'; path: string; at: number; bytes: Buffer }
  | { do: 'truncate'; path: string; size: number }
  | { do: 'rename'; path: string; to: string }
  | { do: 'unlink'; path: string }
  /** A sync covers what was done when it began, once it has ended. Of a directory: the names in it. */
  | { do: 'syncBegin'; path: string; id: number }
  | { do: 'syncEnd'; path: string; id: number }
  | { do: 'say'; text: string }

/** Arguments of strace that make the record. */
export const straceArguments = (output: string): string[] => [
  ...['-f', '-y', '-xx', '-s', '1000000', '-o', output],
  ...[
    '-e',
    'trace=open,openat,write,pwrite64,writev,pwritev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink',
  ],
  ...['-e', 'signal=none'],
]

const textOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex')

/** A call as strace writes it: `PID name(arguments) = result`. */
interface Call {
  thread: string
  name: string
  text: string
  /** -1 where it failed; undefined while it has not returned. */
  result: number | undefined
}

const CALL = /^(\d+) +(\w+)\((.*)$/s
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/s
const RESULT = /\)? += (-?\d+)/
const UNFINISHED = ' <unfinished ...>'
const FILE = /^(\d+)<([^>]*)>(?:, )?/
const STRING = /"((?:\\x[0-9a-f]{2})*)"/g

/** `0x12<\x2f\x74>` and `AT_FDCWD<…>`: paths of descriptors are not in hexadecimal digits, those in quotes are. */
const decodePath = (text: string) => (text.startsWith('\\x') ? textOf(text).toString() : text)

const stringsIn = (text: string) => [...text.matchAll(STRING)].map(([, hex]) => textOf(hex!))

/** All calls in the order of their beginnings; those that return later say so in an entry of their own. */
async function* readCalls(path: string): AsyncGenerator<{ call: Call; phase: 'begin' | 'end' | 'whole' }> {
  const open = new Map<string, Call>()
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const resumed = RESUMED.exec(line)
    if (resumed !== null) {
      const [, thread = '', , rest = ''] = resumed
      const call = open.get(thread)
      if (call === undefined) continue
      open.delete(thread)
      call.text += rest
      call.result = Number(RESULT.exec(rest)?.[1] ?? -1)
      yield { call, phase: 'end' }
      continue
    }
    const begun = CALL.exec(line)
    if (begun === null) continue
    const [, thread = '', name = '', text = ''] = begun
    if (text.endsWith(UNFINISHED)) {
      const call: Call = { thread, name, text: text.slice(0, -UNFINISHED.length), result: undefined }
      open.set(thread, call)
      yield { call, phase: 'begin' }
      continue
    }
    const result = Number(/ = (-?\d+)[^=]*$/.exec(text)?.[1] ?? -1)
    yield { call: { thread, name, text, result }, phase: 'whole' }
  }
}

function operationOf({ name, text, result = -1 }: Call): FileOperation | undefined {
  if (result < 0) return undefined
  const [, , raw = ''] = FILE.exec(text) ?? []
  const path = decodePath(raw)
  switch (name) {
    case 'open':
    case 'openat':
      return text.includes('O_CREAT') ? { do: 'create', path: stringsIn(text)[0]!.toString() } : undefined
    case 'write':
      return text.startsWith('1<') ? { do: 'say', text: stringsIn(text)[0]!.toString() } : undefined
    case 'pwrite64': {
      const at = Number(/, (\d+)\) += /.exec(text)![1])
      return { do: 'write', path, at, bytes: stringsIn(text)[0]!.subarray(0, result) }
    }
    case 'ftruncate':
      return { do: 'truncate', path, size: Number(/, (\d+)\) += /.exec(text)![1]) }
    case 'rename':
    case 'renameat':
    case 'renameat2': {
      const [from, to] = stringsIn(text)
      return { do: 'rename', path: from!.toString(), to: to!.toString() }
    }
    case 'unlink':
      return { do: 'unlink', path: stringsIn(text)[0]!.toString() }
    default:
      return undefined
  }
}

const isSync = ({ name }: Call) => name === 'fsync' || name === 'fdatasync'
const pathOf = ({ text }: Call) => decodePath(FILE.exec(text)?.[2] ?? '')

/** The one or two operations that a sync is, each where it belongs in the order. */
function* syncOperations(call: Call, phase: 'begin' | 'end' | 'whole', id: number): Generator<FileOperation> {
  const path = pathOf(call)
  if (phase !== 'end') yield { do: 'syncBegin', path, id }
  if (phase !== 'begin' && call.result === 0) yield { do: 'syncEnd', path, id }
}

const isVectored = ({ name }: Call) => name === 'writev' || name === 'pwritev'

/** The operations on the files of `directory`. Throws where a file was written in a way that is not understood. */
export async function readOperations(record: string, directory: string): Promise<FileOperation[]> {
  const operations: FileOperation[] = []
  const syncs = new Map<Call, number>()
  const isOurs = (path: string) => path === directory || dirname(path) === directory
  for await (const { call, phase } of readCalls(record)) {
    if (isSync(call)) {
      const id = syncs.get(call) ?? syncs.size
      syncs.set(call, id)
      if (isOurs(pathOf(call))) operations.push(...syncOperations(call, phase, id))
      continue
    }
    // What a call does is taken to be done when it returns.
    if (phase === 'begin') continue
    if (isVectored(call) && isOurs(pathOf(call)))
      throw new Error(`${call.name} is not understood: ${call.text.slice(0, 100)}`)
    const operation = operationOf(call)
    if (operation !== undefined && (operation.do === 'say' || isOurs(operation.path))) operations.push(operation)
  }
  return operations
}
