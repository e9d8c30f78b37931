/**
 * Calls back once when standard input ends: the parent holds the other end of the pipe, so it is gone, even if nothing
 * in it could say so (SIGKILL). Whatever the parent writes is ignored. Returns a function that stops listening.
 */
export function onLifelineEnd(callback: () => void, input: NodeJS.ReadStream = process.stdin): () => void {
  let ended = false
  const end = () => {
    if (ended) return
    ended = true
    callback()
  }
  // A pipe that breaks ends as surely as one that is closed.
  input.on('end', end).on('close', end).on('error', end)
  input.resume()
  return () => {
    ended = true
    input.pause()
  }
}
