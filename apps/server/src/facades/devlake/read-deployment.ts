import { fromEpochMillis, type EnvironmentType, type Time } from '#domain';
import { clock } from '#runtime';
import { isLink } from '../is-link.js';
import { objectIn } from '../kept.js';
import { timeOf } from '../time-of.js';
import { badInput } from './dialect.js';
import { resultOf, results, type Result } from './results.js';

const ENVIRONMENTS = ['PRODUCTION', 'STAGING', 'TESTING', 'DEVELOPMENT'] as const;
type Environment = (typeof ENVIRONMENTS)[number];

const typeOf: Readonly<Record<Environment, EnvironmentType>> = {
  PRODUCTION: 'production',
  STAGING: 'staging',
  TESTING: 'testing',
  DEVELOPMENT: 'development',
};

/** One of the commits that were deployed. */
export type Commit = Readonly<{ repoUrl: string; commitSha: string; refName: string; more: Readonly<Texts> }>;
type Texts = Record<string, string>;

/** A deployment as it is reported, with what DevLake takes for what is not said. */
export type Reported = Readonly<{
  id: string;
  result: Result;
  environmentType: EnvironmentType;
  target: string;
  created: Time;
  started: Time;
  finished: Time;
  link: string | undefined;
  description: string;
  commits: readonly Commit[];
  /** What was said of it, of what the log has no place for. */
  more: Readonly<Texts>;
}>;

/** What members were called before DevLake 1.0, as far as more than `_` changed. */
const FORMER: Readonly<Record<string, string>> = {
  pipelineid: 'id',
  createtime: 'createddate',
  starttime: 'starteddate',
  endtime: 'finisheddate',
};
const ID = 255;

/** The members of an object by their names without case and `_`: DevLake finds them so, and each spelling was the rule once. */
class Members {
  private readonly members = new Map<string, unknown>();
  /** Before 1.0 less was asked for. */
  readonly isFormer: boolean;

  constructor(
    value: unknown,
    private readonly path: string,
    readonly faults: string[],
  ) {
    const given = objectIn(value);
    if (!given) faults.push(`${path || 'body'}: must be an object`);
    for (const [name, each] of Object.entries(given ?? {})) {
      const plain = name.replaceAll('_', '').toLowerCase();
      this.members.set(FORMER[plain] ?? plain, each ?? undefined);
    }
    this.isFormer = ['pipeline_id', 'start_time', 'commit_sha', 'deployment_commits'].some((name) => given?.[name]);
  }

  value(name: string): unknown {
    return this.members.get(name.toLowerCase());
  }

  /** Empty where it is not given. */
  text(name: string): string {
    const value = this.value(name) ?? '';
    if (typeof value === 'string') return value.trim();
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.wrong(name, 'must be a text');
  }

  required(name: string): string {
    const text = this.text(name);
    return text || this.wrong(name, 'is required');
  }

  /** Undefined where it is not given, or cannot be read. */
  time(name: string): Time | undefined {
    const value = this.value(name);
    const time = typeof value === 'number' ? timeOfMillis(value) : timeOf(this.text(name));
    if (time === undefined && this.text(name) !== '') this.wrong(name, 'must be a time as 2020-01-01T12:00:00+00:00');
    return time;
  }

  requiredTime(name: string): Time | undefined {
    if (this.text(name) === '') this.wrong(name, 'is required');
    return this.time(name);
  }

  texts(names: readonly string[]): Texts {
    return Object.fromEntries(names.map((name) => [name, this.text(name)] as const).filter(([, text]) => text !== ''));
  }

  wrong(name: string, why: string): '' {
    const fault = `${this.path === '' ? '' : `${this.path}.`}${name}: ${why}`;
    if (!this.faults.includes(fault)) this.faults.push(fault);
    return '';
  }
}

const timeOfMillis = (millis: number): Time | undefined =>
  Math.abs(millis) <= 8.64e15 ? timeOf(new Date(millis).toISOString()) : undefined;

/** Throws, with all that is wrong, where it is no report of a deployment. */
export function readDeployment(body: unknown): Reported {
  const faults: string[] = [];
  const members = new Members(body, '', faults);
  const now = fromEpochMillis(clock.now());
  const commits = commitsIn(members);
  const started = members.requiredTime('startedDate');
  const finished = members.isFormer ? members.time('finishedDate') : members.requiredTime('finishedDate');
  const environment = environmentIn(members);
  const result = resultOf(members.text('result') || 'SUCCESS');
  if (!result) members.wrong('result', `must be one of ${results.join(', ')}`);
  const id = idIn(members, commits[0]);
  const created = members.time('createdDate') ?? started;
  if (faults.length > 0) throw badInput(faults);
  const link = [members.text('url')].find(isLink);
  // What is no link is not to be lost.
  const wrongUrl = link === undefined ? ['url'] : [];
  // Clocks of clients are off; that something happened after it was reported is not so.
  const past = (time: Time | undefined): Time => (time === undefined || time > now ? now : time);
  return {
    id,
    result: result!,
    environmentType: typeOf[environment],
    target: members.text('originalEnvironment') || environment.toLowerCase(),
    created: past(created),
    started: past(started),
    finished: past(finished),
    link,
    description: members.text('displayTitle') || members.text('name'),
    commits,
    more: { ...members.texts(['name', 'displayTitle', 'originalEnvironment', ...wrongUrl]), environment },
  };
}

function environmentIn(members: Members): Environment {
  const environment = members.text('environment') || 'PRODUCTION';
  const found = ENVIRONMENTS.find((each) => each === environment);
  if (!found) members.wrong('environment', `must be one of ${ENVIRONMENTS.join(', ')}`);
  return found ?? 'PRODUCTION';
}

/** Where none had to be given, it was made from what was deployed. */
function idIn(members: Members, first: Commit | undefined): string {
  const id = members.text('id') || (members.isFormer && first ? `${first.repoUrl}:${first.commitSha}` : '');
  if (id === '') return members.wrong('id', 'is required');
  return [...id].length <= ID ? id : members.wrong('id', `must be at most ${ID} characters`);
}

function commitsIn(members: Members): Commit[] {
  const given = members.value('deploymentCommits');
  if (given === undefined && members.isFormer) return [commitIn(members, false)];
  if (!Array.isArray(given) || given.length === 0) {
    members.wrong('deploymentCommits', 'must be a list of at least one commit');
    return [];
  }
  return given.map((each, n) =>
    commitIn(new Members(each, `deploymentCommits[${n}]`, members.faults), !members.isFormer),
  );
}

function commitIn(members: Members, isDated: boolean): Commit {
  if (isDated) for (const name of ['startedDate', 'finishedDate']) members.requiredTime(name);
  return {
    repoUrl: members.required('repoUrl'),
    commitSha: members.required('commitSha'),
    refName: members.text('refName'),
    more: members.texts(['repoId', 'name', 'displayTitle', 'commitMsg', 'result', 'status']),
  };
}
