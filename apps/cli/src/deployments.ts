import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { PresentedAnswer } from '#contracts';
import { configured } from './configure.js';
import { EXIT, Failure } from './exit-codes.js';
import { sendCommand } from './service.js';
import type { Command } from './terminal.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Which deployment is meant. */
const BRANCH = { version: { type: 'string' }, commit: { type: 'string', multiple: true } } satisfies Options;
/** What it brings. */
const PARTICULARS = {
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

type Said = Readonly<{
  version?: string;
  commit?: readonly string[];
  'ext-label'?: string;
  'ext-url'?: string;
  description?: string;
  json?: boolean;
}>;

const report =
  (verb: string, options: Options): Command =>
  async (args, terminal) => {
    const { said, project, target } = read(verb, options, args);
    const path = ['projects', project, 'targets', target].map(encodeURIComponent).join('/');
    const body = bodyOf(said);
    const send = (asked: object) => sendCommand(configured(terminal), `/api/v1/${path}/${verb}`, asked);
    const answer = (await send(body).catch((error: unknown) => send(named(body, error)))) as PresentedAnswer;
    terminal.out(said.json ? `${JSON.stringify(answer)}\n` : lineOf(answer));
    return EXIT.ok;
  };

/** `deployments start` and so on, with the arguments that Space's client takes. */
export const deploymentCommands: Readonly<Record<string, Command>> = Object.fromEntries(
  Object.entries(verbs).map(([verb, options]) => [`deployments ${verb}`, report(verb, options)]),
);

function read(verb: string, options: Options, args: readonly string[]) {
  const config = {
    args: [...args],
    options: { ...options, json: { type: 'boolean' } },
    allowPositionals: true,
  } as const;
  let parsed;
  try {
    parsed = parseArgs(config);
  } catch (error) {
    throw new Failure(EXIT.usage, `shiplog deployments ${verb}: ${(error as Error).message}`);
  }
  const [project, target, ...more] = parsed.positionals;
  if (!project || !target || more.length > 0)
    throw new Failure(EXIT.usage, `usage: shiplog deployments ${verb} PROJECT TARGET [--…]; shiplog --help says more`);
  return { said: parsed.values as Said, project, target };
}

type Ref = Readonly<{ repository: string; branch: string; commit?: string }>;
type Body = Readonly<{ version?: string; commitRefs?: readonly Ref[]; externalLink?: object; description?: string }>;

/** Pipelines pass on variables that may be empty: an empty text is not given. */
function bodyOf(said: Said): Body {
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

function lineOf({ target, deployment }: PresentedAnswer): string {
  if (!deployment) return `${target?.project}/${target?.key}: nothing changed\n`;
  const { project, target: key, number, version, status } = deployment;
  return `${project}/${key} #${number} ${version} ${status}\n`;
}
