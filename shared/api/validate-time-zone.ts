import { type FieldError, invalid } from '../field-errors.ts'

/** One component of a zone's name, as the time zone database builds them. */
const COMPONENT = /^(?!-|\.{1,2}$)[A-Za-z.\-_0-9+]{1,14}$/

/** Whether the runtime has the rules of a zone. It takes offsets such as `+01` too, which are no names. */
function isKnown(timeZone: string): boolean {
  if (/^[+-]/.test(timeZone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    // The only thing that is wrong with such a format is its zone.
    return false
  }
}

/** Errors of a name of the time zone database, such as `Europe/Berlin`; an absent one has none. */
export function validateTimeZone(timeZone: string | undefined, field: string): FieldError[] {
  if (timeZone === undefined) return []
  if (timeZone === '') return [invalid(field, timeZone, 'timeZone must be nil or non-empty string')]
  const unknown = invalid(field, timeZone, `unknown time zone ${timeZone}`)
  if (!timeZone.split('/').every((component) => COMPONENT.test(component))) return [unknown]
  if (timeZone.toLowerCase() === 'local') {
    const detail = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalid(field, timeZone, detail)]
  }
  return isKnown(timeZone) ? [] : [unknown]
}
