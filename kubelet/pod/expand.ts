/** `$(NAME)` in commands, arguments and values of variables: upstream's `third_party/forked/golang/expansion`. Pure. */

/** A reference, an escaped dollar, or a dollar that stands for itself. */
const TOKEN = /\$\$|\$\(([^)]*)\)/g

/** Replaces each `$(NAME)` that `variables` has; others stay as they are, and `$$` is a single `$`. */
export const expand = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replace(TOKEN, (token, name: string | undefined) => {
    if (name === undefined) return '$'
    return Object.hasOwn(variables, name) ? variables[name]! : token
  })
