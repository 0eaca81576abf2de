import { setTimeout as sleep } from 'node:timers/promises';
import { fetchAsDocumented } from '../contract.js';
import type { Sender } from './steps.js';

// oxlint-disable-next-line typescript/no-explicit-any -- what came is looked at, whatever it is.
export type Loose = any;
export type Reply = Readonly<{ status: number; body: Loose }>;

const API = '/api/v1';
const PAGE = 200;
const AWAY_MS = 20;
const TRIES = 200;

/** The service under test, as its users see it. */
export class Service {
  constructor(
    private readonly url: string,
    private readonly tokens: Readonly<Record<Sender, string>>,
  ) {}

  /** A request, sent again for as long as the service says that it may be. */
  async call(
    method: string,
    path: string,
    call: { sender?: Sender; headers?: object; body?: unknown } = {},
  ): Promise<Reply> {
    const { sender = 'ci', headers = {}, body } = call;
    for (let tries = 1; ; tries += 1) {
      const response = await fetchAsDocumented(`${this.url}${API}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.tokens[sender]}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.status !== 503 || tries === TRIES) return { status: response.status, body: JSON.parse(text) };
      await sleep(AWAY_MS);
    }
  }

  /** The events of a project behind a position, and the position of the last. */
  async eventsOf(project: string, after: number): Promise<Loose[]> {
    const response = await fetchAsDocumented(`${this.url}${API}/events?project=${project}&after=${after}`, {
      headers: { authorization: `Bearer ${this.tokens.ci}`, accept: 'application/x-ndjson' },
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  }

  /** All pages of a list, as of this position at least. */
  async all(path: string, position: number): Promise<Loose[]> {
    const items: Loose[] = [];
    const query = `${path.includes('?') ? '&' : '?'}limit=${PAGE}&min_position=${position}`;
    for (let cursor = ''; ;) {
      const { status, body } = await this.call('GET', `${path}${query}${cursor}`);
      if (status !== 200) throw new Error(`${path} answers ${status}: ${JSON.stringify(body)}`);
      items.push(...body.items);
      if (body.nextCursor === null) return items;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
  }
}
