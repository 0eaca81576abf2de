import type { PresentedAnswer } from '#contracts';
import { pathOf, readArguments, type Options } from './arguments.js';
import { configured, type Service } from './configure.js';
import { EXIT, Failure } from './exit-codes.js';
import { lineOfAnswer } from './lines.js';
import { sendCommand } from './service.js';
import type { Command } from './terminal.js';

/** Which deployment is meant. */
export const BRANCH = { version: { type: 'string' }, commit: { type: 'string', multiple: true } } satisfies Options;
/** What it brings. */
export const PARTICULARS = {
  'ext-label': { type: 'string' },
  'ext-url': { type: 'string' },
  description: { type: 'string' },
} satisfies Options;

const verbs: Readonly<Record<string, Options>> = {
  schedule: { ...BRANCH, ...PARTICULARS },
  start: { ...BRANCH, ...PARTICULARS },
  finish: { ...BRANCH, ...PARTICULARS },
  fail: { ...BRANCH, ...PARTICULARS },
  cancel: BRANCH,
  rollback: PARTICULARS,
};

export type Particulars = Readonly<{
  version?: string;
  commit?: readonly string[];
  'ext-label'?: string;
  'ext-url'?: string;
  description?: string;
}>;

/** Sends a command by branch; where a new deployment has no name it gets one. Throws a `Failure` where it is refused. */
export async function report(service: Service, path: string, said: Particulars): Promise<PresentedAnswer> {
  const body = bodyOf(said);
  const send = (asked: object) => sendCommand(service, { method: 'POST', path, body: asked });
  return (await send(body).catch((error: unknown) => send(named(body, error)))) as PresentedAnswer;
}

const reporting =
  (verb: string, options: Options): Command =>
  async (args, terminal) => {
    const form = { usage: `deployments ${verb} PROJECT TARGET [--…]`, options, least: 2, most: 2 };
    const { said, named: target } = readArguments(form, args);
    const [project, key] = target as [string, string];
    const path = pathOf('projects', project, 'targets', key, verb);
    const answer = await report(configured(terminal), path, said as Particulars);
    await terminal.out(said['json'] ? `${JSON.stringify(answer)}\n` : lineOfAnswer(answer));
    return EXIT.ok;
  };

/** `deployments start` and so on, with the arguments that Space's client takes. */
export const deploymentCommands: Readonly<Record<string, Command>> = Object.fromEntries(
  Object.entries(verbs).map(([verb, options]) => [`deployments ${verb}`, reporting(verb, options)]),
);

type Ref = Readonly<{ repository: string; branch: string; commit?: string }>;
type Body = Readonly<{ version?: string; commitRefs?: readonly Ref[]; externalLink?: object; description?: string }>;

/** Pipelines pass on variables that may be empty: an empty text is not given. */
function bodyOf(said: Particulars): Body {
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
