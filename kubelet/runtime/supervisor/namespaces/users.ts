/** Who a container's program is, by the container's own lists of users and groups. Pure. */
import { type Security, StartError } from '../../runtime.ts'

export interface Identity {
  uid: number
  gid: number
  /** Beside `gid`. */
  groups: number[]
  home: string
}

/** The container's files; undefined where it has none. */
export interface UserFiles {
  passwd: string | undefined
  group: string | undefined
}

const START_ERROR_EXIT_CODE = 128
const NUMBER = /^\d+$/

const rowsOf = (text = ''): string[][] => text.split('\n').map((line) => line.split(':'))

/** Resolves numbers and names alike, as upstream's runtimes do. Throws a StartError for a name that nobody has. */
export function identityOf(security: Security, files: UserFiles): Identity {
  const { imageUser = '', runAsUser, runAsGroup, groups: added } = security
  const [named = '', namedGroup = ''] = imageUser.split(':')
  const wanted = runAsUser === undefined ? named || '0' : String(runAsUser)
  const row = rowsOf(files.passwd).find(([name, , uid]) => uid !== undefined && (name === wanted || uid === wanted))
  if (row === undefined && !NUMBER.test(wanted))
    throw new StartError(`unable to find user ${wanted}: no matching entries in passwd file`, START_ERROR_EXIT_CODE)
  const wantedGroup = runAsGroup === undefined ? (runAsUser === undefined ? namedGroup : '') : String(runAsGroup)
  const groups = rowsOf(files.group)
  const groupRow = groups.find(([name, , gid]) => gid !== undefined && (name === wantedGroup || gid === wantedGroup))
  if (wantedGroup !== '' && groupRow === undefined && !NUMBER.test(wantedGroup))
    throw new StartError(
      `unable to find group ${wantedGroup}: no matching entries in group file`,
      START_ERROR_EXIT_CODE,
    )
  const memberOf = groups.filter(([, , , members = '']) => row !== undefined && members.split(',').includes(row[0]!))
  return {
    uid: Number(row?.[2] ?? wanted),
    gid: Number(wantedGroup === '' ? (row?.[3] ?? 0) : (groupRow?.[2] ?? wantedGroup)),
    groups: [...new Set([...memberOf.map(([, , gid]) => Number(gid)), ...added])],
    home: row?.[5] || '/',
  }
}
