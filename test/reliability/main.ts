/**
 * `node test/reliability/main.ts [NAME …]`: runs the long proofs, all or the named ones, and prints their figures. A run
 * that finds a fault prints it with its seed, which `--seed` plays again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFlags } from '../../shared/flags.ts'
import { PROOFS, type Proof } from './proofs.ts'

const FLAGS = {
  seed: { type: 'number', default: 1, min: 0, description: 'Chooses what happens and when.' },
  scale: { type: 'number', default: 1, min: 0, description: 'Share of the full length.' },
} as const

const FAULTS_SHOWN_MAX = 20

const { flags, words } = parseFlags(FLAGS, process.argv.slice(2))
const chosen = words.length === 0 ? PROOFS : PROOFS.filter(({ name }) => words.includes(name))
if (chosen.length < words.length) {
  console.error(`there are ${PROOFS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

async function prove({ name, description, run }: Proof): Promise<void> {
  console.log(`${name} (seed ${flags.seed}): ${description}`)
  const directory = await mkdtemp(join(tmpdir(), `kubeproc-${name}-`))
  const begin = performance.now()
  try {
    const { faults, ...figures } = await run({ directory, seed: flags.seed, scale: flags.scale })
    for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure}: ${value}`)
    console.log(`  seconds: ${((performance.now() - begin) / 1000).toFixed(1)}`)
    for (const fault of faults.slice(0, FAULTS_SHOWN_MAX)) console.log(`  FAULT: ${fault}`)
    console.log(`  faults: ${faults.length}`)
    if (faults.length > 0) process.exitCode = 1
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

for (const proof of chosen) await prove(proof)
