import { newSigningKey } from '#audit';
import { peakMegabytes } from '../../support/memory.js';
import { Peer } from './peer.js';
import type { Watched } from './usage.js';

export const TOKEN = 'the-token-of-the-benches';
/** For all services of a run: some share a log. */
const AUDIT_KEY = newSigningKey();
/** Views that are still filling are asked for again. */
const TRIES = 60;
const PAUSE_MS = 1_000;
/** As `npm start` and the image have it. */
const YOUNG = '--max-semi-space-size=32';

type Asked = Readonly<{ databaseUrl: string; roles: string; broker?: string; topicPrefix?: string }>;
type Methods = { url(): Promise<string> };

/** The service as it comes, in a process of its own. */
export class Service {
  private constructor(
    private readonly process: Peer<Methods>,
    readonly url: URL,
  ) {}

  static async start({ databaseUrl, roles, broker = 'none', topicPrefix = 'shiplog.' }: Asked): Promise<Service> {
    const process = new Peer<Methods>(new URL('./service-process.js', import.meta.url), {
      nodeFlags: [YOUNG],
      env: {
        PORT: '0',
        DATABASE_URL: databaseUrl,
        KAFKA_BROKERS: broker,
        KAFKA_TOPIC_PREFIX: topicPrefix,
        KAFKA_GROUP_ID: topicPrefix,
        SHIPLOG_ADMIN_TOKEN: TOKEN,
        SHIPLOG_AUDIT_KEY: AUDIT_KEY,
        SHIPLOG_ROLES: roles,
      },
    });
    return new Service(process, new URL(await process.ask('url')));
  }

  get watched(): Watched {
    return { title: 'service', pid: this.process.pid };
  }

  get megabytes(): number | undefined {
    return peakMegabytes(this.process.pid);
  }

  get(path: string): Promise<unknown> {
    return this.#ask(path, {});
  }

  post(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #ask(path: string, asked: RequestInit): Promise<unknown> {
    const headers = { ...asked.headers, authorization: `Bearer ${TOKEN}` };
    const response = await fetch(new URL(`/api/v1${path}`, this.url), { ...asked, headers });
    const body = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Waits until the view behind a route has come so far. */
  async reach(path: string, position: number): Promise<void> {
    const asked = `${path}${path.includes('?') ? '&' : '?'}min_position=${position}`;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.get(asked);
        return;
      } catch (error) {
        if (tries === TRIES) throw error;
        // A view that is being built says so at once.
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** The addresses of all pages of a list. */
  async pages(path: string): Promise<string[]> {
    const paths: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      paths.push(cursor === '' ? path : `${path}&cursor=${cursor}`);
      cursor = ((await this.get(paths.at(-1)!)) as { nextCursor: string | null }).nextCursor;
    }
    return paths;
  }

  close(): Promise<void> {
    return this.process.close();
  }
}
