/**
 * A container's environment passes through the tools that make the container, which run with all rights. What would
 * change their doing is set only inside, where nobody has more rights than the container. Pure.
 */

/** What loaders, C libraries, shells and `mount` heed, and what a shell changes by itself. */
const HEEDED =
  /^(LD_|GLIBC_|MALLOC_|LIBMOUNT|MOUNT|UTIL_LINUX|BASH|SHELLOPTS|GCONV_PATH$|GETCONF_DIR$|HOSTALIASES$|LOCALDOMAIN$|LOCPATH$|NIS_PATH$|NLSPATH$|RESOLV_HOST_CONF$|RES_OPTIONS$|TMPDIR$|TZDIR$|POSIXLY_CORRECT$|ENV$|IFS$|PS[0-4]$|PWD$|OLDPWD$|OPTIND$|PPID$|SHLVL$|_$|LANG|LC_)/

/** What shells take for a variable; anything else does not get through them. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

const isHeeded = (name: string) => HEEDED.test(name) || !VARIABLE.test(name)

export interface SplitEnvironment {
  /** For the tools, and through them for the program. */
  early: Record<string, string>
  /** `NAME=value`, to be set inside. */
  late: string[]
}

export function splitEnvironment(env: Readonly<Record<string, string>>): SplitEnvironment {
  const entries = Object.entries(env)
  return {
    early: Object.fromEntries(entries.filter(([name]) => !isHeeded(name))),
    late: entries.filter(([name]) => isHeeded(name)).map(([name, value]) => `${name}=${value}`),
  }
}
