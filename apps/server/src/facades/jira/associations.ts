import { objectIn } from '../kept.js';

/** What a deployment has to do with: the values of each type, in the order in which they were sent. */
export type Associations = Readonly<{
  issueKeys?: readonly string[];
  issueIdOrKeys?: readonly string[];
  serviceIdOrKeys?: readonly string[];
  repository?: readonly string[];
  commit?: readonly CommitsOf[];
}>;
export type CommitsOf = Readonly<{ repositoryId: string; commits: readonly string[] }>;

export const textTypes = ['issueKeys', 'issueIdOrKeys', 'serviceIdOrKeys'] as const;
type TextType = (typeof textTypes)[number];
const isTextType = (type: unknown): type is TextType => textTypes.some((each) => each === type);

/** An association as it is on the wire. */
export type Association = Readonly<{ associationType: string; values: readonly unknown[] }>;

/** So many values may one deployment have, of all types together. */
const MOST = 500;

export type ReadAssociations = Readonly<{
  known: Associations;
  /** What is of no type that there is. */
  unknown: readonly Association[];
  faults: readonly string[];
}>;

type Commit = Readonly<{ repositoryId: string; commitHash: string }>;
type Gathered = {
  texts: Record<TextType, Set<string>>;
  repository: Set<string>;
  commit: Commit[];
  unknown: Association[];
  faults: string[];
};

/** Reads `associations`, and `issueKeys` as older clients send them. */
export function readAssociations(associations: unknown, issueKeys: unknown): ReadAssociations {
  const gathered: Gathered = {
    texts: { issueKeys: new Set(), issueIdOrKeys: new Set(), serviceIdOrKeys: new Set() },
    repository: new Set(),
    commit: [],
    unknown: [],
    faults: [],
  };
  const given = [...listIn(associations, 'associations', gathered.faults)];
  if (issueKeys != null) given.push({ associationType: 'issueKeys', values: issueKeys });
  given.forEach((each, n) => gather(each, `associations[${n}]`, gathered));
  const { texts, repository, commit, unknown, faults } = gathered;
  const count = [...Object.values(texts), repository].reduce((sum, { size }) => sum + size, commit.length);
  if (count > MOST) faults.push(`associations: must have at most ${MOST} values together, and have ${count}`);
  if (count === 0 && unknown.length > 0) faults.push('associations: none of them is of a type that is known here');
  const lists = { ...texts, repository };
  const known = Object.entries(lists).flatMap(([type, values]) => (values.size > 0 ? [[type, [...values]]] : []));
  const commits = commit.length > 0 ? { commit: byRepository(commit) } : {};
  return { known: { ...Object.fromEntries(known), ...commits }, unknown, faults };
}

function gather(association: unknown, path: string, gathered: Gathered): void {
  const { associationType: type, values } = objectOf(association);
  const list = listIn(values, `${path}.values`, gathered.faults);
  if (isTextType(type)) for (const value of list) addText(value, `${path}.values`, gathered.texts[type], gathered);
  else if (type === 'repository')
    for (const value of list)
      addText(objectOf(value)['repositoryId'], `${path}.values.repositoryId`, gathered.repository, gathered);
  else if (type === 'commit') for (const value of list) addCommit(value, path, gathered);
  else if (typeof type === 'string') gathered.unknown.push({ associationType: type, values: list });
  else gathered.faults.push(`${path}.associationType: must be a text`);
}

/** What is empty says nothing: scripts send it where there is no issue. */
function addText(value: unknown, path: string, to: Set<string>, { faults }: Gathered): void {
  const text = textOf(value);
  if (text === undefined) faults.push(`${path}: must be texts of up to 255 characters`);
  else if (text !== '') to.add(text);
}

function addCommit(value: unknown, path: string, { commit, faults }: Gathered): void {
  const { commitHash, repositoryId } = objectOf(value);
  const [hash, repository] = [textOf(commitHash), textOf(repositoryId)];
  if (!hash || !repository || hash.length > MOST_OF_COMMIT)
    faults.push(`${path}.values: must each have a commitHash of up to 100 characters and a repositoryId`);
  else commit.push({ repositoryId: repository, commitHash: hash });
}
const MOST_OF_COMMIT = 100;

function byRepository(commits: readonly Commit[]): CommitsOf[] {
  const found = new Map<string, Set<string>>();
  for (const { repositoryId, commitHash } of commits)
    found.set(repositoryId, (found.get(repositoryId) ?? new Set()).add(commitHash));
  return [...found].map(([repositoryId, those]) => ({ repositoryId, commits: [...those] }));
}

function listIn(value: unknown, path: string, faults: string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  faults.push(`${path}: must be a list`);
  return [];
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => objectIn(value) ?? {};

/** Ids come as numbers, too. */
const textOf = (value: unknown): string | undefined => {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && [...text].length <= 255 ? text.trim() : undefined;
};

/** The associations as Jira has them on the wire. */
export function wireOf({ repository, commit, ...texts }: Associations): Association[] {
  const wire: Association[] = Object.entries(texts).map(([associationType, values]) => ({ associationType, values }));
  if (commit) wire.push({ associationType: 'commit', values: commit.flatMap(commitsOnWire) });
  if (repository)
    wire.push({ associationType: 'repository', values: repository.map((repositoryId) => ({ repositoryId })) });
  return wire;
}

const commitsOnWire = ({ repositoryId, commits }: CommitsOf): Commit[] =>
  commits.map((commitHash) => ({ commitHash, repositoryId }));

/** As many of the commits as `fits` allows, the first ones, beside all else; and those that do not fit, as on the wire. */
export function fitting(
  associations: Associations,
  fits: (some: Associations) => boolean,
): Readonly<{ kept: Associations; left: readonly Association[] }> {
  if (!associations.commit || fits(associations)) return { kept: associations, left: [] };
  const { commit, ...others } = associations;
  const all = commit.flatMap(commitsOnWire);
  const having = (count: number): Associations =>
    count === 0 ? others : { ...others, commit: byRepository(all.slice(0, count)) };
  let [least, most] = [0, all.length];
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if (fits(having(middle))) least = middle;
    else most = middle;
  }
  return { kept: having(least), left: [{ associationType: 'commit', values: all.slice(least) }] };
}

/** What was kept, which a user may have overwritten with anything. */
export function associationsIn(value: unknown): Associations {
  const kept = objectOf(value);
  const texts = [...textTypes, 'repository' as const].flatMap((type) => {
    const list = textsIn(kept[type]);
    return list.length > 0 ? [[type, list]] : [];
  });
  const commit = (Array.isArray(kept['commit']) ? kept['commit'] : []).flatMap((each) => {
    const { repositoryId, commits } = objectOf(each);
    return typeof repositoryId === 'string' ? [{ repositoryId, commits: textsIn(commits) }] : [];
  });
  return { ...Object.fromEntries(texts), ...(commit.length > 0 ? { commit } : {}) };
}

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
