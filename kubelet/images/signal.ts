import { constants } from 'node:os'

/** A signal by name, with or without `SIG`, or by number; undefined where the system has no such signal. */
export function parseSignal(text: string): NodeJS.Signals | undefined {
  const known = Object.entries(constants.signals)
  const name = text.toUpperCase()
  const found = known.find(([known, number]) => known === name || known === `SIG${name}` || String(number) === text)
  return found?.[0] as NodeJS.Signals | undefined
}
