'use strict'
/*
 * Loaded into every Node program of a pod (NODE_OPTIONS). `os.hostname()` is the name of the pod (HOSTNAME), as it is in
 * a pod with a kernel-given hostname of its own.
 */
const hostname = process.env.HOSTNAME

if (hostname) {
  require('node:os').hostname = () => hostname
}
