/** What is told about a pod that could not be scheduled, worded and counted as upstream does (`framework.FitError`). Pure. */

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` Reasons are sorted as texts. */
export function summary(nodeCount: number, reasons: ReadonlyMap<string, number>): string {
  const shown = [...reasons].filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason}`)
  return `0/${nodeCount} nodes are available: ${shown.sort().join(', ')}.`
}
