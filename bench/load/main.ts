/** The load generator: a process of its own, so that it takes nothing from the server's. Tasks come and reports go by IPC. */
import type { Target } from './connection.ts'
import { runTask, type Task } from './tasks.ts'

process.on('message', async ({ target, task }: { target: Target; task: Task }) => {
  process.send!(await runTask(target, task))
})
