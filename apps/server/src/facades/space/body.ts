import type { TargetChange, Target } from '#domain';
import { objectIn, textIn } from '../kept.js';
import { countIn } from './count.js';
import { invalid } from './dialect.js';
import { changeOfLinks } from './links.js';

type Members = Readonly<Record<string, unknown>>;

/** The members of a body. What is not known is left alone: clients send more than the documentation has. */
export function membersOf(body: unknown): Members {
  const members = body === undefined ? {} : objectIn(body);
  if (!members) throw invalid('The body must be a JSON object.');
  return members;
}

/** Clients send null, or an empty text, for what they leave out. */
const given = (value: unknown): unknown => (value === null || value === '' ? undefined : value);

const withoutUndefined = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** What a request brings about a deployment, as the native routes take it, and as they hold it to their rules. */
export const broughtBy = (members: Members): Members =>
  withoutUndefined({
    version: given(members['version']),
    description: descriptionIn(members),
    scheduledFor: timeIn(members['scheduledStart']),
    commitRefs: refsIn(members['commitRefs']),
    externalLink: linkIn(members),
  });

/** Nothing else could clear it. */
const descriptionIn = ({ description }: Members): unknown => (description === '' ? null : given(description));

/** Kotlin's clients may send a moment as an object. */
const timeIn = (value: unknown): unknown => objectIn(value)?.['iso'] ?? given(value);

function refsIn(value: unknown): unknown {
  const list = given(value);
  if (!Array.isArray(list)) return list;
  if (list.length === 0) return undefined;
  return list.map((each) => {
    const ref = objectIn(each);
    if (!ref) return each;
    const commit = given(ref['commit']);
    const isNamed = !/^(head|latest)$/i.test(textIn(commit) ?? '');
    const named = { repository: ref['repositoryName'], branch: ref['branch'] };
    return withoutUndefined({ ...named, commit: isNamed ? commit : undefined });
  });
}

/** Older scripts send its two members by themselves. */
function linkIn(members: Members): unknown {
  const link = given(members['externalLink']) ?? {
    url: members['externalLinkUrl'],
    label: members['externalLinkLabel'],
  };
  const { url, label } = objectIn(link) ?? {};
  if (given(url) === undefined) return objectIn(link) ? undefined : link;
  return withoutUndefined({ url, label: given(label) });
}

/** What a request says of a target. `labels` are those that it has. */
export function targetChangeIn(members: Members, labels: Target['labels']): TargetChange {
  const settings = withoutUndefined({
    manualControls: given(members['manualControl']),
    hanging: timeOutIn(members['hangTimeoutMinutes']),
    failing: timeOutIn(members['failTimeoutMinutes']),
  });
  const links = given(members['links']);
  return withoutUndefined({
    name: given(members['name']),
    description: descriptionIn(members),
    repositories: repositoriesIn(members['repositories']),
    ...(links === undefined ? {} : changeOfLinks(links, labels)),
    settings: Object.keys(settings).length === 0 ? undefined : settings,
  });
}

/** 0 switches it off: null is what clients send for a setting that they leave as it is. */
function timeOutIn(value: unknown): unknown {
  const minutes = given(value);
  if (minutes === undefined) return undefined;
  const afterMinutes = countIn(minutes) ?? minutes;
  return afterMinutes === 0 ? { enabled: false } : { enabled: true, afterMinutes };
}

function repositoriesIn(value: unknown): unknown {
  const list = given(value);
  return Array.isArray(list) ? list.map((each) => objectIn(each)?.['repositoryName'] ?? each) : list;
}

/** Throws where one of these is not there. */
export function required<Name extends string>(members: Members, ...names: readonly Name[]): Record<Name, string> {
  const missing = names.filter((name) => typeof members[name] !== 'string');
  if (missing.length > 0) throw invalid(`${missing.join(', ')} must be given, as text.`);
  return members as Record<Name, string>;
}
