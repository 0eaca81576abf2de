import { statuses, type Metadata, type Status } from '#domain';
import { keptBy, keeping, objectIn, textIn } from '../kept.js';
import { versioner } from './dialect.js';
import { canonical, type Reported } from './statuses.js';

/** What clients say of a deployment or build in texts that are kept as they came. */
export const keptTexts = [
  'completed_at',
  'started_at',
  'source_system',
  'build_number',
  'scm_sha',
  'scm_branch',
  'scm_repository',
  'deploy_url',
  'build_url',
  'invoke_id',
] as const;
type KeptText = (typeof keptTexts)[number];

/** What Versioner has of a deployment or a build and the log does not, under Versioner's names. */
export type Recorded = Readonly<{ [Name in KeptText]?: string }> &
  Readonly<{
    /** What was reported last; it holds while the deployment has the status of ours that it had, or got, by it. */
    status?: Reported;
    while?: Status;
    /** The code of the check that it did not pass when it was to start. */
    preflight?: string;
    extra_metadata?: Readonly<Record<string, unknown>>;
  }>;

export const record = (stands: Metadata, recorded: Recorded): Metadata => keeping(stands, versioner, recorded);

const known = new WeakMap<Metadata, Recorded>();

/** Read once of each object, for a deployment that is shown asks for it several times. */
export function recordedIn(metadata: Metadata): Recorded {
  const recorded = known.get(metadata) ?? read(metadata);
  known.set(metadata, recorded);
  return recorded;
}

/** Members that are no longer of their type, as anybody may have overwritten them, are left out. */
function read(metadata: Metadata): Recorded {
  const kept = keptBy(metadata, versioner);
  const status = canonical.find((each) => each === kept['status']);
  const held = statuses.find((each) => each === kept['while']);
  const preflight = textIn(kept['preflight']);
  const extra = objectIn(kept['extra_metadata']);
  const recorded: { -readonly [Name in keyof Recorded]: Recorded[Name] } = {};
  for (const name of keptTexts) {
    const text = textIn(kept[name]);
    if (text !== undefined) recorded[name] = text;
  }
  if (status && held) Object.assign(recorded, { status, while: held });
  if (preflight !== undefined) recorded.preflight = preflight;
  if (extra) recorded.extra_metadata = extra;
  return recorded;
}

/** Where the jobs of a run say which try of it they are: a run that is tried again has the same id. */
const TRIES = [
  'vi_gh_run_attempt',
  'vi_gl_job_id',
  'vi_bb_step_uuid',
  'vi_travis_job_id',
  'vi_circle_workflow_job_id',
] as const;

/** Which try of its run reports, where it says so. */
export const tryIn = ({ extra_metadata: extra = {} }: Recorded): string | undefined =>
  TRIES.map((name) => extra[name])
    .find((each) => typeof each === 'string' || typeof each === 'number')
    ?.toString();
