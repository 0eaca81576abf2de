import type { Loose } from '../server.js';
import { speaker, type Said } from '../dialect.js';
import type { Report, Sender, Speech, Told } from './history.js';

/** Sends a request with the token of somebody; throws where it is refused. */
export type Ask = (sender: Sender, method: string, path: string, body?: object) => Promise<Said<Loose>>;

/** Sends a request, as an event where it is one, whatever comes of it. */
export const saying =
  (url: string, token: string) =>
  (method: string, path: string, body?: object): Promise<Said<Loose>> => {
    const isEvent = body !== undefined && 'specversion' in body;
    const headers: Record<string, string> = isEvent ? { 'content-type': 'application/cloudevents+json' } : {};
    return speaker(url, token, headers)(method, path, body);
  };

export const asking =
  (url: () => string, tokenOf: (sender: Sender) => string): Ask =>
  async (sender, method, path, body) => {
    const said = await saying(url(), tokenOf(sender))(method, path, body);
    if (said.status >= 300) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${said.status} ${said.body}`);
    return said;
  };

/** What somebody said to a deployment that waited for it. */
export type Decision = Readonly<{ by: Sender; status: 'approved' | 'rejected' }>;

/** How our own API shows a deployment, as far as others are compared with it. */
export type Native = Readonly<{
  id: number;
  project: string;
  target: string;
  number: number;
  status: string;
  version: string;
  commitRefs: ReadonlyArray<Readonly<{ repository: string; branch: string; commit?: string }>>;
  externalLink: Readonly<{ url: string }> | null;
  metadata: Readonly<Record<string, Loose>>;
  actor: Readonly<{ id: string; kind: string }>;
  /** Of one that waits, or waited, for approvals: which were given and refused so far, as its timeline tells. */
  decisions?: readonly Decision[];
}>;

/** A dialect as the round trips know it: how a history is reported in it, and how one is read. */
export type Dialect = Readonly<{
  speech: Speech;
  /** Before the first report. */
  prepare?(ask: Ask, project: string): Promise<void>;
  /** `ids` holds what the dialect calls those that have begun; of one that begins it answers that. */
  report(ask: Ask, project: string, report: Report, ids: readonly Loose[]): Promise<Loose>;
  /** What our own API should show of what was told: the rest is what the dialect cannot say. */
  becomes(told: Told, project: string): Pick<Native, 'version' | 'commitRefs' | 'externalLink'>;
  /** These deployments as it shows them, in this order; left out where it shows none. */
  readAll?(ask: Ask, project: string, natives: readonly Native[]): Promise<Loose[]>;
  /** What it should show of one: the rest is what it cannot tell. */
  shows?(native: Native): Loose;
}>;

/** What was reported by a ref and a commit of a repository that is the project. */
export const byRef = (
  { release: { ref, commit }, link }: Told,
  repository: string,
): ReturnType<Dialect['becomes']> => ({
  version: ref,
  commitRefs: [{ repository, branch: ref, commit }],
  externalLink: link === null ? null : { url: link },
});

export const segment = encodeURIComponent;

/** Items in the order of these ids; throws where one is missing. */
export function inOrder<Item>(items: readonly Item[], ids: readonly unknown[], idOf: (item: Item) => unknown): Item[] {
  const byId = new Map(items.map((item) => [idOf(item), item]));
  return ids.map((id) => {
    const item = byId.get(id);
    if (item === undefined) throw new Error(`${String(id)} is not in the list of ${[...byId.keys()].join()}`);
    return item;
  });
}

type Shown = Readonly<Record<string, readonly Loose[]>>;

/** What each of these dialects shows of these deployments, and what it should show. */
export async function shownByAll(
  dialects: Readonly<Record<string, Dialect>>,
  ask: Ask,
  natives: readonly Native[],
): Promise<Readonly<{ shown: Shown; due: Shown }>> {
  const shown: Record<string, readonly Loose[]> = {};
  const due: Record<string, readonly Loose[]> = {};
  for (const [name, { readAll, shows }] of Object.entries(dialects)) {
    if (!readAll || !shows || natives.length === 0) continue;
    shown[name] = await readAll(ask, natives[0]!.project, natives);
    due[name] = natives.map(shows);
  }
  return { shown, due };
}
