import { isKey, type CommitRef, type EnvironmentType, type TargetChange, type Time } from '#domain';
import { environmentTypeOf } from '../environment-type.js';
import { isLink } from '../is-link.js';
import { Body } from './body.js';
import { invalidMember } from './dialect.js';
import type { Recorded } from './recorded.js';
import { isOver, reportedOf, statusNames, type Reported } from './statuses.js';

/** The target of a product at which its builds are kept: what was built last is current there. */
export const BUILDS = 'versioner/builds';

/** What a client reports of a deployment or a build. */
export type Event = Readonly<{
  kind: 'deployment' | 'build';
  product: string;
  target: string;
  /** What the target is, if it has to be made. */
  made: TargetChange;
  version: string;
  status: Reported;
  recorded: Recorded;
  commitRefs: readonly CommitRef[];
  link: string | undefined;
  claimedBy: Readonly<{ id: string; name?: string }> | undefined;
  /** When it ended, of what has ended. */
  endedAt: Time | undefined;
  reason: string | undefined;
  skipsChecks: boolean;
}>;

/** Reads the body of a deployment event; throws in Versioner's words. */
export function readDeploymentEvent(sent: unknown): Event {
  const body = new Body(sent);
  const product = productIn(body);
  const environment = body.text('environment_name', 100) ?? body.text('environment', 100);
  if (environment === undefined) throw invalidMember('environment_name', 'Field required', 'missing');
  if (environment === BUILDS) throw invalidMember('environment_name', 'Is kept for builds');
  const status = statusIn(body.required('status', 50));
  const type: EnvironmentType = typeOf(environment);
  const read = commonOf(body, { product, status, by: 'deployed_by' });
  return {
    ...read,
    kind: 'deployment',
    target: environment,
    made: { environmentType: type, repositories: read.commitRefs.map(({ repository }) => repository) },
    skipsChecks: body.flag('skip_preflight_checks'),
    link: linkIn([read.recorded.deploy_url, read.recorded.build_url]),
    recorded: { ...read.recorded, extra_metadata: body.extra() },
  };
}

/** Reads the body of a build event; the first clients sent no status when a build was there. */
export function readBuildEvent(sent: unknown): Event {
  const body = new Body(sent);
  const product = productIn(body);
  const status = statusIn(body.text('status', 50) ?? 'completed');
  const read = commonOf(body, { product, status, by: 'built_by' });
  return {
    ...read,
    kind: 'build',
    target: BUILDS,
    made: { description: 'Builds, as clients of Versioner report them.', labels: { versioner: 'builds' } },
    skipsChecks: false,
    link: linkIn([read.recorded.build_url]),
    recorded: { ...read.recorded, extra_metadata: body.extra() },
  };
}

type Said = Readonly<{ product: string; status: Reported; by: 'deployed_by' | 'built_by' }>;

function commonOf(body: Body, { product, status, by }: Said) {
  const version = body.required('version', 100);
  const recorded = textsIn(body, status);
  const { scm_sha: commit, scm_repository: repository = product, scm_branch: branch } = recorded;
  const refs = [body.extra()['vi_gh_ref'], version].filter((each): each is string => typeof each === 'string');
  return {
    product,
    version,
    status,
    recorded,
    commitRefs: commit === undefined ? [] : [{ repository, branch: branch ?? refs[0]!, commit }],
    claimedBy: claimIn(body, by),
    endedAt: isOver(status) ? (body.time('completed_at') ?? body.time('built_at')) : undefined,
    reason: reasonIn(body, status),
  };
}

function textsIn(body: Body, status: Reported): Recorded {
  const texts = {
    completed_at: isOver(status) ? (body.time('completed_at') ?? body.time('built_at')) : undefined,
    started_at: body.time('started_at'),
    source_system: body.text('source_system', 50),
    build_number: body.text('build_number', 100),
    scm_sha: body.text('scm_sha', 40),
    scm_branch: body.text('scm_branch', 100),
    scm_repository: body.text('scm_repository', 500),
    deploy_url: body.text('deploy_url', 500),
    build_url: body.text('build_url', 500),
    invoke_id: body.text('invoke_id', 255),
  };
  // Some clients say so of what has only begun, too: it is when they sent it.
  body.time('completed_at');
  body.time('built_at');
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
}

function productIn(body: Body): string {
  const product = body.required('product_name', 255);
  if (!isKey(product))
    throw invalidMember(
      'product_name',
      'Should be 1 to 200 characters in Unicode form NFC, without control characters or white space at either end, and not . or ..',
    );
  return product;
}

function statusIn(text: string): Reported {
  const status = reportedOf(text);
  if (!status) throw invalidMember('status', `Input should be one of: ${statusNames.join(', ')}`, 'enum');
  return status;
}

/** People stand outside of the log: of their address nothing is kept where they have a name. */
function claimIn(body: Body, by: 'deployed_by' | 'built_by'): Event['claimedBy'] {
  const [who, email, name] = [by, `${by}_email`, `${by}_name`].map((each) => body.text(each, 255));
  const id = who ?? email ?? name;
  return id === undefined ? undefined : { id, ...(name === undefined ? {} : { name }) };
}

function reasonIn(body: Body, status: Reported): string | undefined {
  if (status !== 'failed' && status !== 'aborted') return undefined;
  const { error, error_message: message } = body.extra() as Readonly<Record<string, unknown>>;
  const said = [message, error].find((each) => typeof each === 'string' && each !== '');
  return [...((said as string | undefined) ?? status)].slice(0, 1_000).join('');
}

/** Only what a browser may open is a link: some systems name their runs by addresses of their own. */
const linkIn = (urls: ReadonlyArray<string | undefined>): string | undefined => urls.find(isLink);

/** By Versioner's own words where those say something else than the words of all dialects. */
function typeOf(name: string): EnvironmentType {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  if (words.includes('uat')) return 'staging';
  return words.some((word) => word === 'local' || word === 'sandbox') ? 'development' : environmentTypeOf(name);
}
