import { Peer } from '../frame/peer.js';
import type { Contestant } from '../frame/rounds.js';
import type { Watched } from '../frame/usage.js';
import type { LoadMethods } from './load.js';

/** What is asked for over HTTP, how many times a round, on which numbers of connections to look for the fastest. */
export type Traffic = Readonly<{ times: number; connections: readonly number[] }>;
/** `pages` is how many requests it takes to be answered once. */
type Server = Readonly<{ port: number; templates: readonly string[]; pages: number; watched: readonly Watched[] }>;

/** A server under a load generator of its own, at the number of connections at which it is fastest. */
export async function rivalOf(
  open: (peer: Peer<LoadMethods>) => Peer<LoadMethods>,
  { port, templates, pages, watched }: Server,
  { times, connections }: Traffic,
): Promise<Contestant & Readonly<{ connections: number }>> {
  const load = open(new Peer<LoadMethods>(new URL('./load.js', import.meta.url), { args: [String(port)] }));
  await load.ask('use', templates);
  const rate = async (over: number): Promise<number> =>
    times / (await load.ask('run', { connections: over, requests: times * pages })).seconds;
  await rate(connections[0]!);
  let best = { connections: connections[0]!, rate: 0 };
  for (const over of connections) {
    const reached = await rate(over);
    if (reached > best.rate) best = { connections: over, rate: reached };
  }
  return {
    connections: best.connections,
    round: () => rate(best.connections),
    watched: [...watched, { title: 'generator', pid: load.pid }],
  };
}
