import { API, TOKEN, unique, type TestServer } from './server.js';
import { SseClient } from './sse.js';

type Open = Readonly<{ query?: string; from?: number | string; token?: string; method?: string }>;

/** Clients of the live stream of these servers, and what they are to be sent. */
export class LiveClients {
  private readonly opened = new Set<SseClient>();

  /** Opens a stream, or whatever this path of the API answers with, and resolves when its headers have come. */
  async open(api: TestServer, { query = '', from, token = TOKEN, method = 'GET' }: Open = {}): Promise<SseClient> {
    const headers = from === undefined ? {} : { 'last-event-id': String(from) };
    return this.keep(new SseClient(`${api.server.url}${API}/events/live?${query}`, { token, headers, method }));
  }

  keep(client: SseClient): Promise<SseClient> {
    this.opened.add(client);
    return client.opened();
  }

  async cut(): Promise<void> {
    for (const client of this.opened) client.cut();
    await Promise.all([...this.opened].map((client) => client.closed()));
    this.opened.clear();
  }
}

/** Finishes deployments on a target, and answers the position of the last one. */
export async function finish(api: Pick<TestServer, 'call'>, path: string, times = 1): Promise<number> {
  let position = 0;
  for (let n = 0; n < times; n += 1)
    ({ position } = (await api.call(`${path}/finish`, { body: { version: unique('v') } })).body);
  return position;
}

/** Whether a client has been sent the event at this position. */
export const has = (position: number) => (client: SseClient) =>
  client.messages.some(({ id }) => id === String(position));

export const idsOf = ({ messages }: SseClient): number[] => messages.map(({ id }) => Number(id));

/** Every position behind `after` and up to this one. */
export const upTo = (position: number, after = 0): number[] =>
  Array.from({ length: position - after }, (_, index) => after + index + 1);
