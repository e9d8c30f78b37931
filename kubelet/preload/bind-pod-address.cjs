'use strict'
/*
 * Loaded into every Node program of a pod (NODE_OPTIONS), whatever Node it runs on, before the program itself.
 *
 * On the process runtime all pods share the host's network, so two programs that both listen on port 8080 of all
 * addresses would clash. Here "all addresses" becomes the pod's own address: a `listen` of net, http, https and http2
 * servers, or a `bind` of an IPv4 datagram socket to a fixed port, that names no address or the wildcard goes to POD_IP.
 * Addresses that the program names itself, loopback included, Unix sockets and file descriptors stay as they are.
 *
 * A port that is taken is told in one line on standard error, which the supervisor turns into an event; the program
 * gets its EADDRINUSE as always.
 */
const podIp = process.env.POD_IP

/** Begins the line on standard error: the supervisor looks for it. */
const NOTICE_PREFIX = 'kubeproc: '

const isWildcard = (address) =>
  address === undefined || address === null || address === '' || address === '0.0.0.0' || /^[0:]+$/.test(address)

const isPort = (value) =>
  typeof value === 'number' || (typeof value === 'string' && /^\s*(0x[\da-f]+|\d+)\s*$/i.test(value))

/** Whether the object given to a `listen` means something else than a port: a path, a descriptor, an open handle. */
const isOther = (target) =>
  Boolean(target.path) || typeof target.fd === 'number' || '_handle' in target || typeof target.bind === 'function'

/** The arguments of `server.listen(…)` with the pod's address where they mean all addresses. */
function withPodAddress(args) {
  const [first, second, ...rest] = args
  if (first === undefined || first === null) return [0, podIp, ...args.slice(1)]
  if (typeof first === 'function') return [0, podIp, ...args]
  if (isPort(first)) {
    if (typeof second !== 'string') return [first, podIp, ...args.slice(1)]
    return isWildcard(second) ? [first, podIp, ...rest] : args
  }
  if (typeof first !== 'object' || isOther(first) || !isWildcard(first.host)) return args
  return [Object.assign({}, first, { host: podIp }), ...args.slice(1)]
}

function tellClash(error) {
  if (error.code !== 'EADDRINUSE') return
  const why = 'another process of this pod, or one that listens on all addresses of this machine, has it'
  // One write, past the stream, which may be asynchronous and lose the line when the program ends now.
  require('node:fs').writeSync(
    2,
    `${NOTICE_PREFIX}cannot listen on ${error.address}:${error.port}: ${why} (EADDRINUSE)\n`,
  )
}

/** Servers and sockets that are watched for a clash. */
const watched = new WeakSet()

function watchClash(emitter) {
  if (watched.has(emitter)) return
  watched.add(emitter)
  // Sees errors without counting as a handler: an error that nobody handles still ends the program.
  emitter.on(require('node:events').errorMonitor, tellClash)
}

function patchServers() {
  const { Server } = require('node:net')
  const { listen } = Server.prototype
  Server.prototype.listen = function (...args) {
    watchClash(this)
    return listen.apply(this, withPodAddress(args))
  }
}

/** The arguments of `socket.bind(…)`. A port that the system chooses is a client's: it must reach other networks. */
function withPodDatagramAddress(args) {
  const [first, second, ...rest] = args
  if (isPort(first) && Number(first) !== 0) {
    if (typeof second === 'string') return isWildcard(second) ? [first, podIp, ...rest] : args
    return [first, podIp, ...args.slice(second === undefined ? 2 : 1)]
  }
  const isBind = typeof first === 'object' && first !== null && first.port > 0 && first.fd === undefined
  return isBind && isWildcard(first.address) ? [Object.assign({}, first, { address: podIp }), ...args.slice(1)] : args
}

function patchDatagrams() {
  const { Socket } = require('node:dgram')
  const { bind } = Socket.prototype
  Socket.prototype.bind = function (...args) {
    watchClash(this)
    return bind.apply(this, this.type === 'udp4' ? withPodDatagramAddress(args) : args)
  }
}

if (podIp) {
  patchServers()
  patchDatagrams()
}
