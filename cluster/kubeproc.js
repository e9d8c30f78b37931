#!/usr/bin/env node
// Plain JavaScript on purpose: it must load in any Node.js, to say which one is needed.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const WANTED_MAJOR = 24
const [major] = process.versions.node.split('.').map(Number)

if (major < WANTED_MAJOR) {
  console.error(
    `kubeproc needs Node.js ${WANTED_MAJOR} or newer, and this is ${process.versions.node}: ` +
      'run it with "npm start" or "npx kubeproc", which use the version that "npm ci" installed',
  )
  process.exitCode = 1
} else {
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/kubeproc', import.meta.url)))
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv.slice(2))
}
