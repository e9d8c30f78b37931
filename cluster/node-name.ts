const NODE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** Whether a node can be called that: a name that is a host name as well. */
export const isNodeName = (text: string): boolean => NODE_NAME.test(text)
