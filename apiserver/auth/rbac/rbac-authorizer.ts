/** Role-based access control. Decisions are remembered, so that asking again costs a look-up. */
import { allowsPath, isAbout, isNamed } from '../../../shared/rbac/rule-match.ts'
import type { Attributes, Authorizer, Decision } from '../authorize.ts'
import type { Identity } from '../identity.ts'
import type { Grant, Policy } from './policy.ts'

/** Answers that are remembered of one identity. When there are more, all are forgotten. */
const ANSWERS_MAX = 512

/** What is allowed of one verb on one resource: to every name, or to some. */
interface Answer {
  /** Present where every object is allowed. */
  always?: Decision
  byName: ReadonlyMap<string, Decision>
  refused: Decision
}

/** What is known of an identity as long as no role or binding changes. */
interface Known {
  version: number
  answers: Map<string, Answer>
}

function refusal(grants: readonly Grant[]): Decision {
  const problems = [...new Set(grants.flatMap(({ problem }) => problem ?? []))]
  const shown = problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]
  return { allowed: false, reason: shown === undefined ? '' : `RBAC: ${shown}` }
}

/** Every rule with why its holder has it. */
const reasoned = (grants: readonly Grant[]) =>
  grants.flatMap(({ rules, reason }) => rules.map((rule) => ({ rule, decision: { allowed: true, reason } })))

function answerOf(grants: readonly Grant[], { verb, resource, path }: Attributes): Answer {
  const refused = refusal(grants)
  const about = reasoned(grants).filter(({ rule }) =>
    resource === undefined ? allowsPath(rule, verb, path) : isAbout(rule, verb, resource),
  )
  const always = about.find(({ rule }) => resource === undefined || isNamed(rule, ''))?.decision
  // Of several rules that are about a name the first one counts, so it is put in last.
  const byName = new Map(
    about.toReversed().flatMap(({ rule, decision }) => (rule.resourceNames ?? []).map((name) => [name, decision])),
  )
  return { byName, refused, ...(always !== undefined && { always }) }
}

const keyOf = ({ verb, resource, path }: Attributes): string =>
  resource === undefined
    ? `${verb} ${path}`
    : `${verb} ${resource.plural}/${resource.subresource ?? ''}.${resource.group} ${resource.namespace ?? ''}`

export function createRbacAuthorizer(policy: Policy): Authorizer {
  /** Identities are objects that live as long as a connection or a token does. */
  const known = new WeakMap<Identity, Known>()

  const answersOf = (identity: Identity): Map<string, Answer> => {
    const version = policy.version()
    const found = known.get(identity)
    if (found?.version === version && found.answers.size < ANSWERS_MAX) return found.answers
    const answers = new Map<string, Answer>()
    known.set(identity, { version, answers })
    return answers
  }

  return {
    authorize(attributes) {
      const { identity, resource } = attributes
      const answers = answersOf(identity)
      const key = keyOf(attributes)
      let answer = answers.get(key)
      if (answer === undefined) {
        answer = answerOf(policy.grantsOf(identity, resource?.namespace), attributes)
        answers.set(key, answer)
      }
      return answer.always ?? answer.byName.get(resource?.name ?? '') ?? answer.refused
    },
    rulesOf(identity, namespace) {
      const grants = policy.grantsOf(identity, namespace)
      const problems = grants.flatMap(({ problem }) => problem ?? [])
      return {
        rules: grants.flatMap(({ rules }) => rules),
        ...(problems.length > 0 && { problem: problems.join(', ') }),
      }
    },
  }
}
