/** What a pure `reconcile` decides: actions to perform, and when to look again by itself. */
export interface Plan<Action extends { do: string }> {
  actions: readonly Action[]
  /** Reconcile again after this many milliseconds even if nothing changes. */
  requeueAfterMs?: number
}

/** Nothing to do, nothing to wait for. */
export const DONE: Plan<never> = { actions: [] }

/** One function for each action of a plan. */
export type Executors<Action extends { do: string }> = {
  [Name in Action['do']]: (action: Extract<Action, { do: Name }>) => Promise<void>
}

/**
 * Carries out a plan's actions one after the other by the executor of their name; a missing executor does not compile.
 * The first failure is thrown and leaves the rest undone: the key is reconciled again from what the world then is.
 */
export async function perform<Action extends { do: string }>(
  actions: readonly Action[],
  executors: Executors<Action>,
): Promise<void> {
  for (const action of actions) {
    const execute = executors[action.do as Action['do']] as (action: Action) => Promise<void>
    await execute(action)
  }
}
