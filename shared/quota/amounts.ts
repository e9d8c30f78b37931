/** Amounts of resources by name, as the API has them: added and compared exactly. Pure. */
import { addQuantities, compareQuantities } from '../quantity.ts'

export type Amounts = Readonly<Record<string, string>>

export function add(...all: readonly Amounts[]): Record<string, string> {
  const sum: Record<string, string> = {}
  for (const amounts of all)
    for (const [name, amount] of Object.entries(amounts))
      sum[name] = sum[name] === undefined ? amount : addQuantities(sum[name], amount)
  return sum
}

const negative = (amount: string) => (amount.startsWith('-') ? amount.slice(1) : `-${amount}`)

/** What is left of `a`; what only `b` has is taken from nothing. */
export const subtract = (a: Amounts, b: Amounts): Record<string, string> =>
  add(a, Object.fromEntries(Object.entries(b).map(([name, amount]) => [name, negative(amount)])))

/** Of each resource the larger amount. */
export function largest(a: Amounts, b: Amounts): Record<string, string> {
  const result: Record<string, string> = { ...a }
  for (const [name, amount] of Object.entries(b))
    if (result[name] === undefined || compareQuantities(amount, result[name]) > 0) result[name] = amount
  return result
}

/** Only the named resources. */
export const only = (amounts: Amounts, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (amounts[name] === undefined ? [] : [[name, amounts[name]]])))

/** Names of resources of which there is more than `bounds` allow. */
export const exceeding = (amounts: Amounts, bounds: Amounts): string[] =>
  Object.entries(amounts)
    .filter(([name, amount]) => bounds[name] !== undefined && compareQuantities(amount, bounds[name]) > 0)
    .map(([name]) => name)

export const isPositive = (amount: string): boolean => compareQuantities(amount, '0') > 0

/** `cpu=1,pods=2`: as upstream shows amounts in errors. */
export const shown = (amounts: Amounts): string =>
  Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(',')
