import { randomUUID } from 'node:crypto';
import { CloudEvent, HTTP, type Message } from 'cloudevents';
import { TOKEN, type Loose, type TestServer } from './server.js';
import { exchange, type Answered } from './wire.js';

export const PURL = (name: string, version: string) => `pkg:oci/${name}@sha256%3A0b31b1c02ff4?tag=${version}`;

/** A CDEvent as the spec's conformance files have them. */
export function eventOf(type: string, subject: Loose, more: Loose = {}): CloudEvent<object> {
  const [id, source] = [more.id ?? randomUUID(), '/event/source/123'];
  const [kind, predicate] = type.split('.');
  const full = `dev.cdevents.${kind}.${predicate}.${kind === 'service' ? '0.3.0' : '0.1.0'}`;
  const context = { specversion: '0.6.0-draft', id, source, type: full, timestamp: '2026-03-20T14:27:05.315384Z' };
  const content = { environment: { id: 'production' }, ...subject.content };
  const data = { context, subject: { source, ...subject, content } };
  return new CloudEvent({ id, source, type: full, subject: subject.id, time: context.timestamp, data });
}
export const service = (name: string, predicate: string, version?: string, more: Loose = {}) =>
  eventOf(`service.${predicate}`, { id: name, content: version ? { artifactId: PURL(name, version) } : {} }, more);
export const deployment = (name: string, predicate: string, version: string, more: Loose = {}) =>
  eventOf(`deployment.${predicate}`, {
    id: more.subject ?? `dep-${version}`,
    content: { artifactId: PURL(name, version), ...(more.outcome ? { outcome: more.outcome } : {}) },
  });

/** Sends events to the server of a test as a bus does. */
export function cdeventsClient(api: () => TestServer) {
  const send = async (
    message: Message,
    { path = '/cdevents', token = TOKEN as string | null } = {},
  ): Promise<Answered & { json: Loose }> => {
    const headers = message.headers as Record<string, string>;
    const answered = await exchange(api().server.url, {
      method: 'POST',
      path,
      headers,
      body: message.body as string,
      ...(token === null ? {} : { token }),
    });
    return { ...answered, json: answered.body === '' ? undefined : JSON.parse(answered.body) };
  };
  const binary = (event: CloudEvent<object>, more = {}) => send(HTTP.binary(event), more);
  const structured = (event: CloudEvent<object>, more = {}) => send(HTTP.structured(event), more);
  const batch = (events: readonly object[]) =>
    send({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body: JSON.stringify(events) });

  const history = async (project: string): Promise<string[]> => {
    const { position } = (await api().call('/api/v1/status')).body;
    const { items } = (
      await api().call(`/api/v1/deployments?project=${encodeURIComponent(project)}&min_position=${position}`)
    ).body;
    return items.map(({ target, version, status }: Loose) => `${target} ${version} ${status}`);
  };
  return { send, binary, structured, batch, history };
}
