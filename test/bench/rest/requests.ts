import { TOKEN } from '../frame/service.js';

/** Stands for a number that no other request has, of always the same width. */
export const COUNTER = '{counter}';

/** Stands for when a request was made ready, in the width of that: what is reported has just happened. */
export const NOW = '{now}'.padEnd('2026-01-20T23:27:25.000Z'.length, '-');

/** A request as it is sent. */
export const madeReady = (request: string, counter: number): string =>
  request
    .replaceAll(COUNTER, String(counter).padStart(COUNTER.length, '0'))
    .replaceAll(NOW, () => new Date().toISOString());

/** Stands in the path of a request for the `id` in the answer to one before. */
export const ID = '{id}';

export function withId(request: Buffer, answer: Buffer): Buffer {
  if (!request.includes(ID)) return request;
  const id = /"id":"?([^",}]+)/.exec(answer.toString())?.[1];
  if (id === undefined) throw new Error(`There is no id in ${answer.toString()}`);
  return Buffer.from(request.toString().replace(ID, id));
}

const head = (line: string): string =>
  `${line} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${TOKEN}\r\naccept: application/json\r\n`;

/** To any route of the service. */
export function requestTo(method: string, path: string, body?: object, type = 'application/json'): string {
  if (body === undefined) return `${head(`${method} ${path}`)}\r\n`;
  const text = JSON.stringify(body);
  const about = `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
  return `${head(`${method} ${path}`)}${about}\r\n${text}`;
}

export const getRequest = (path: string): string => requestTo('GET', `/api/v1${path}`);

export const postRequest = (path: string, body: object): string => requestTo('POST', `/api/v1${path}`, body);
