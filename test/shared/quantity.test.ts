import fc from 'fast-check'
import t from 'tap'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  isQuantity,
  milliUnits,
  parseQuantity,
  quantityError,
  wholeUnits,
} from '../../shared/quantity.ts'

t.test('canonical forms and values', async (t) => {
  const rows: [text: string, canonical: string, value: number][] = [
    ['0', '0', 0],
    ['0Mi', '0', 0],
    ['1', '1', 1],
    ['+1', '1', 1],
    ['-1', '-1', -1],
    ['1000m', '1', 1],
    ['1500m', '1500m', 1.5],
    ['1.5', '1500m', 1.5],
    ['.5', '500m', 0.5],
    ['1.', '1', 1],
    ['0.5', '500m', 0.5],
    ['100m', '100m', 0.1],
    ['1.001', '1001m', 1.001],
    ['1u', '1u', 1e-6],
    ['1n', '1n', 1e-9],
    ['0.1n', '1n', 1e-9],
    ['-0.1n', '-1n', -1e-9],
    ['1000', '1k', 1000],
    ['100000', '100k', 100_000],
    ['1500k', '1500k', 1_500_000],
    ['1000000', '1M', 1_000_000],
    ['1E', '1E', 1e18],
    ['1000E', '1e21', 1e21],
    ['1e3', '1e3', 1000],
    ['12e6', '12e6', 12_000_000],
    ['1E6', '1e6', 1_000_000],
    ['1e-3', '1e-3', 0.001],
    ['100e1', '1e3', 1000],
    ['64Mi', '64Mi', 64 * 1024 ** 2],
    ['1024Mi', '1Gi', 1024 ** 3],
    ['1.5Gi', '1536Mi', 1.5 * 1024 ** 3],
    ['0.5Ki', '512', 512],
    ['1Ki', '1Ki', 1024],
    ['1023Ki', '1023Ki', 1023 * 1024],
    ['1.0005Ki', '1024512m', 1024.512],
    ['16Ei', '9223372036854775807', 2 ** 63],
  ]
  for (const [text, canonical, value] of rows) {
    t.equal(canonicalQuantity(text), canonical, `${text} is shown as ${canonical}`)
    t.equal(parseQuantity(text), value, `${text} is ${value}`)
    t.equal(isQuantity(text), true)
    t.equal(quantityError(text), undefined)
  }
})

t.test('what is no quantity', async (t) => {
  const format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  const numeric = 'unable to parse numeric part of quantity'
  const suffix = "unable to parse quantity's suffix"
  const rows: [text: string, error: string][] = [
    ['', format],
    ['x', format],
    ['1 Mi', format],
    ['1b', format],
    ['++1', format],
    ['.', numeric],
    ['1.1.1M', numeric],
    ['1K', suffix],
    ['1i', suffix],
    ['1mi', suffix],
    ['1e', suffix],
    ['1Mi2', suffix],
    ['1e1000', suffix],
  ]
  for (const [text, error] of rows) {
    t.equal(parseQuantity(text), undefined, `${JSON.stringify(text)} is refused`)
    t.equal(canonicalQuantity(text), undefined)
    t.equal(quantityError(text), error)
  }
  t.throws(() => wholeUnits('x'), RangeError)
})

t.test('whole and thousandth units are rounded up', async (t) => {
  t.equal(milliUnits('0.0001'), 1)
  t.equal(milliUnits('250m'), 250)
  t.equal(milliUnits('2'), 2000)
  t.equal(milliUnits('-1.5m'), -2)
  t.equal(wholeUnits('1500m'), 2)
  t.equal(wholeUnits('64Mi'), 67_108_864)
  t.equal(wholeUnits('110'), 110)
})

t.test('comparing and adding is exact', async (t) => {
  t.equal(compareQuantities('1Gi', '1024Mi'), 0)
  t.equal(compareQuantities('100m', '0.2'), -1)
  t.equal(compareQuantities('1k', '1Ki'), -1)
  t.equal(compareQuantities('2', '1'), 1)
  t.equal(addQuantities('0.1', '0.2'), '300m')
  t.equal(addQuantities('0', '512Mi', '512M'), '1024288Ki')
  t.equal(addQuantities('512Mi', '512Mi'), '1Gi')
  t.equal(addQuantities(), '0')
})

t.test('the canonical form stands for the same amount and is its own canonical form', async () => {
  const suffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'e3', 'E-4', 'e+2']
  const quantity = fc
    .tuple(fc.constantFrom('', '-', '+'), fc.nat(), fc.option(fc.nat(999_999)), fc.constantFrom(...suffixes))
    .map(([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${suffix}`)
  fc.assert(
    fc.property(quantity, (text) => {
      const canonical = canonicalQuantity(text)
      return (
        canonical !== undefined &&
        compareQuantities(canonical, text) === 0 &&
        canonicalQuantity(canonical) === canonical
      )
    }),
  )
})
