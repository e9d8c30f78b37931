/**
 * The node's own namespaces: processes (of which all its pods' processes descend), network (the bridge) and mounts. A
 * shell holds them and does what has to be done inside; its input is a pipe from the supervisor. When the supervisor
 * goes, by SIGKILL too, the shell reads the end of its input and ends; with it, as process number 1, the kernel ends
 * every process of every pod, and with the processes go links, addresses, routes and mounts. Nothing can be left.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { bridgeCommands, type NodeNetwork, uplinkCommands } from './node-network.ts'
import { quote } from './shell.ts'
import type { Tools } from './tools.ts'

/** Begins what the shell answers; everything else on its output is complaints. */
const ANSWER = '\u0001'
/** Complaints that are kept for the message of a failure. */
const COMPLAINTS_MAX = 10

interface Answer {
  resolve(words: string[]): void
  reject(error: Error): void
}

export class NodeSpace {
  /** The host's number of the shell. */
  pid = 0
  readonly tools: Tools
  /** A directory in memory that only this node's containers see, and that goes with them. */
  readonly memory: string
  /** Resolves when it has ended, whyever. */
  readonly ended: Promise<void>
  readonly #shell: ChildProcess
  readonly #link: string
  readonly #waiting = new Map<string, Answer>()
  #complaints: string[] = []
  #lastKey = 0

  private constructor(shell: ChildProcess, { link, memory, tools }: { link: string; memory: string; tools: Tools }) {
    this.#link = link
    this.memory = memory
    this.#shell = shell
    this.tools = tools
    // The shell's end is told by `exit`.
    shell.stdin!.on('error', () => undefined)
    createInterface({ input: shell.stdout! }).on('line', (line) => this.#hear(line))
    this.ended = once(shell, 'exit').then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the namespaces of the node are gone'))
      this.#waiting.clear()
    })
  }

  /** Makes the namespaces. Rejects where the machine does not allow it. */
  static async open(
    network: NodeNetwork,
    { directory, tools }: { directory: string; tools: Tools },
  ): Promise<NodeSpace> {
    const memory = join(directory, 'memory')
    mkdirSync(memory, { recursive: true, mode: 0o700 })
    const flags = ['--mount', '--propagation=slave', '--net', '--pid', '--fork', '--kill-child=KILL']
    const shell = spawn(tools.unshare, [...flags, tools.sh], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    const space = new NodeSpace(shell, { link: network.link, memory, tools })
    try {
      const [pid] = await space.ask('read -r pid rest </proc/self/stat; echo "$reply $pid"')
      space.pid = Number(pid)
      await space.#connect(network)
      await space.do(`${tools.mount} -n -t tmpfs -o mode=0711 kubeproc ${quote(memory)}`)
      return space
    } catch (error) {
      await space.close()
      throw error
    }
  }

  /** The host's path of one in the node's namespaces. */
  outside(path: string): string {
    return `/proc/${this.pid}/root${path}`
  }

  /**
   * Lets the shell run a script that answers once by `echo "$reply WORDS"`, or by `echo "$reply refused"`: then it rejects
   * with what was complained of. Also a process that it leaves in the background may answer.
   */
  ask(script: string): Promise<string[]> {
    const key = String(++this.#lastKey)
    const { promise, resolve, reject } = Promise.withResolvers<string[]>()
    this.#waiting.set(key, { resolve, reject })
    this.#shell.stdin!.write(`{ reply='${ANSWER}${key}'\n${script}\n} </dev/null 2>&1\n`)
    return promise
  }

  /** Runs a command in the shell. Rejects where it fails. */
  async do(command: string): Promise<void> {
    await this.ask(`if ${command}\nthen echo "$reply"; else echo "$reply refused"; fi`)
  }

  /** The commands for `ip`, as a command of the shell that succeeds where all of them do. */
  ip(commands: readonly string[]): string {
    return `${this.tools.ip} -batch - <<END\n${commands.join('\n')}\nEND`
  }

  /** Ends it with all that is in it. Resolves when it is gone. */
  async close(): Promise<void> {
    // The kernel would remove it as well, but later.
    await promisify(execFile)(this.tools.ip, ['link', 'del', this.#link]).catch(() => undefined)
    this.#shell.kill('SIGKILL')
    await this.ended
  }

  async #connect(network: NodeNetwork): Promise<void> {
    const run = promisify(execFile)
    // One that a predecessor has left: the kernel takes a moment to remove it by itself. Mostly there is none.
    await run(this.tools.ip, ['link', 'del', network.link]).catch(() => undefined)
    const commands = run(this.tools.ip, ['-batch', '-'])
    commands.child.stdin!.end(uplinkCommands(network, this.pid).join('\n'))
    await commands
    // Pods of other nodes are reached through the host, which passes on what comes from this link, and from no other.
    writeFileSync(`/proc/sys/net/ipv4/conf/${network.link}/forwarding`, '1')
    await this.do(this.ip(bridgeCommands()))
  }

  #hear(line: string): void {
    if (!line.startsWith(ANSWER)) {
      this.#complaints = [...this.#complaints, line].slice(-COMPLAINTS_MAX)
      return
    }
    const [key, ...answer] = line.slice(ANSWER.length).trim().split(' ')
    const waiting = this.#waiting.get(key!)
    this.#waiting.delete(key!)
    if (answer[0] !== 'refused') waiting?.resolve(answer)
    else {
      waiting?.reject(new Error(this.#complaints.join('; ')))
      this.#complaints = []
    }
  }
}
