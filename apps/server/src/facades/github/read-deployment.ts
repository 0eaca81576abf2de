import type { CommitRef, EnvironmentType, TargetChange } from '#domain';
import { environmentTypeOf } from '../environment-type.js';
import { objectIn, textIn, withoutUndefined } from '../kept.js';
import type { Body } from './body.js';
import { invalidRequest } from './dialect.js';
import { isCommit, versionOfRef } from '../version-of-ref.js';
import { record } from './recorded.js';

/** What a client asks to be deployed where: the target, what it is if it has to be made, and what the command brings. */
export type NewDeployment = Readonly<{
  target: string;
  made: TargetChange;
  data: Readonly<Record<string, unknown>>;
}>;

/** Reads the body of a new deployment; no ref is refused because nobody here can resolve it. */
export function readDeployment(body: Body, project: string): NewDeployment {
  const ref = body.required('ref');
  const target = body.text('environment') || 'production';
  const production = body.flag('production_environment');
  const payload = payloadIn(body);
  const description = body.text('description');
  const commit = commitIn(body.text('sha'), ref, objectIn(payload)?.['sha']);
  const recorded = withoutUndefined({
    ref,
    task: body.text('task') || 'deploy',
    payload,
    transient_environment: body.flag('transient_environment') ?? false,
    production_environment: production ?? target === 'production',
    auto_merge: body.flag('auto_merge'),
    required_contexts: body.texts('required_contexts'),
  });
  return {
    target,
    made: { environmentType: typeOf(target, production), repositories: [project] },
    data: {
      version: versionOfRef(ref),
      commitRefs: commit === undefined ? [] : [{ repository: project, branch: ref, commit } satisfies CommitRef],
      ...(description ? { description } : {}),
      metadata: record({}, recorded),
      // Several deployments of a ref are several here as well.
      supersede: true,
    },
  };
}

/** A text that is a JSON object is that object: clients read the payload as one. */
function payloadIn(body: Body): unknown {
  const payload = body.value('payload');
  if (payload === undefined || payload === '') return undefined;
  if (typeof payload !== 'string') {
    if (!objectIn(payload)) throw invalidRequest("For 'properties/payload', it is neither an object nor a string.");
    return payload;
  }
  try {
    return objectIn(JSON.parse(payload)) ?? payload;
  } catch {
    return payload;
  }
}

/** Here no ref can be resolved: the commit is what the client says it is, or the ref is one. */
function commitIn(sha: string | undefined, ref: string, said: unknown): string | undefined {
  return [sha, ref, textIn(said)].find((each) => each !== undefined && isCommit(each));
}

function typeOf(target: string, production: boolean | undefined): EnvironmentType {
  if (production === true) return 'production';
  const type = environmentTypeOf(target);
  return type === 'production' && production === false ? 'unmapped' : type;
}
