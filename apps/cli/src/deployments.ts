import type { PresentedAnswer, PresentedDeployment } from '#contracts';
import { wasCurrent } from '#domain';
import { pathOf, readArguments, type Options } from './arguments.js';
import { configured, type Service } from './configure.js';
import { EXIT, Failure } from './exit-codes.js';
import { lineOfAnswer } from './lines.js';
import { ask, itemsOf, sendCommand, type Patience } from './service.js';
import type { Command } from './terminal.js';

/** Which deployment is meant, and what it brings. */
export const PARTICULARS = {
  version: { type: 'string' },
  commit: { type: 'string', multiple: true },
  'ext-label': { type: 'string' },
  'ext-url': { type: 'string' },
  description: { type: 'string' },
} satisfies Options;

/** They are called alike, as Space's client calls them; of what has no meaning for one, nothing is sent. */
const verbs = ['schedule', 'start', 'finish', 'fail', 'cancel', 'rollback'] as const;
type Verb = (typeof verbs)[number];

export type Particulars = Readonly<{
  version?: string;
  commit?: readonly string[];
  'ext-label'?: string;
  'ext-url'?: string;
  description?: string;
}>;

/** Sends a command by branch; where a new deployment has no name it gets one. Throws a `Failure` where it is refused. */
export async function report(
  service: Service,
  path: string,
  body: Body,
  patience: Patience = {},
): Promise<PresentedAnswer> {
  const send = (asked: object) => sendCommand(service, { method: 'POST', path, body: asked }, patience);
  return (await send(body).catch((error: unknown) => send(named(body, error)))) as PresentedAnswer;
}

const reporting =
  (verb: Verb): Command =>
  async (args, terminal) => {
    const form = { usage: `deployments ${verb} PROJECT TARGET [--…]`, options: PARTICULARS, least: 2, most: 2 };
    const { said, named: target } = readArguments(form, args);
    const [project, key] = target as [string, string];
    const service = configured(terminal);
    const brought = bodyOf(said as Particulars);
    const body = (await meanings[verb]?.(brought, { service, project, key })) ?? brought;
    const answer = await report(service, pathOf('projects', project, 'targets', key, verb), body);
    await terminal.out(said['json'] ? `${JSON.stringify(answer)}\n` : lineOfAnswer(answer));
    return EXIT.ok;
  };

/** `deployments start` and so on, with the arguments that Space's client takes. */
export const deploymentCommands: Readonly<Record<string, Command>> = Object.fromEntries(
  verbs.map((verb) => [`deployments ${verb}`, reporting(verb)]),
);

type Place = Readonly<{ service: Service; project: string; key: string }>;

/** What is canceled has a reason and brings nothing; who rolls back may say to what, by its version or a commit. */
const meanings: Readonly<Partial<Record<Verb, (body: Body, place: Place) => Body | Promise<Body>>>> = {
  cancel: ({ version, commitRefs, description: reason }) => ({ version, commitRefs, reason }),
  rollback: async ({ version, commitRefs, ...brings }, place) =>
    version || commitRefs ? { ...brings, to: await formerOf(place, version, commitRefs?.[0]) } : brings,
};

/** The number of the newest of that version or commit that was current there. */
async function formerOf({ service, project, key }: Place, version?: string, ref?: Ref): Promise<number> {
  const meant = new URLSearchParams({ ...(version ? { version } : {}), ...ref });
  // What was reported just before may be what is to be undone.
  const { position } = (await ask(service, pathOf('status'))) as { position: number };
  const asked = new URLSearchParams([...meant, ['min_position', String(position)]]);
  const path = pathOf('projects', project, 'targets', key, 'deployments');
  for await (const { number, status } of itemsOf<PresentedDeployment>(service, path, asked))
    if (wasCurrent(status)) return number;
  throw new Failure(EXIT.conflict, `Nothing of ${meant} was current on ${project}/${key} before.`);
}

type Ref = Readonly<{ repository: string; branch: string; commit?: string }>;
type Body = Readonly<{
  version?: string | undefined;
  commitRefs?: readonly Ref[] | undefined;
  externalLink?: object;
  description?: string;
  reason?: string | undefined;
  to?: number;
}>;

/** Pipelines pass on variables that may be empty: an empty text is not given. */
export function bodyOf(said: Particulars): Body {
  const { version, commit = [], 'ext-label': label, 'ext-url': url, description } = said;
  const commitRefs = commit.filter((each) => each !== '').map(commitRefOf);
  return {
    ...(version ? { version } : {}),
    ...(commitRefs.length > 0 ? { commitRefs } : {}),
    ...(url ? { externalLink: { ...(label ? { label } : {}), url } } : {}),
    ...(description ? { description } : {}),
  };
}

const SHORT = 12;

/** A new deployment needs a version, which Space's client may leave out: then it is called by its commit, or its branch. Throws the error else. */
function named(body: Body, error: unknown): Body {
  const [first] = body.commitRefs ?? [];
  if (!(error instanceof Failure) || error.problem !== 'version_required' || !first) throw error;
  return { ...body, version: first.commit?.slice(0, SHORT) ?? first.branch.replace(/^refs\/(heads|tags)\//, '') };
}

/** No branch of git has a colon in its name: the first one ends the repository, the last one begins the commit. */
function commitRefOf(text: string): Ref {
  const [, repository, branch, commit] = /^([^:]+):(.+?)(?::([^:]*))?$/s.exec(text) ?? [];
  if (repository === undefined || branch === undefined || branch.includes(':'))
    throw new Failure(
      EXIT.usage,
      `--commit ${text}: write it as REPOSITORY:BRANCH, REPOSITORY:BRANCH:SHA or REPOSITORY:BRANCH:HEAD.`,
    );
  return { repository, branch, ...(commit && commit !== 'HEAD' ? { commit } : {}) };
}
