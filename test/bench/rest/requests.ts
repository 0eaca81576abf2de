import { TOKEN } from '../frame/service.js';

/** Stands for a number that no other request has, of always the same width. */
export const COUNTER = '{counter}';

export const withCounter = (request: string, counter: number): string =>
  request.replaceAll(COUNTER, String(counter).padStart(COUNTER.length, '0'));

const head = (line: string): string =>
  `${line} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${TOKEN}\r\naccept: application/json\r\n`;

export const getRequest = (path: string): string => `${head(`GET /api/v1${path}`)}\r\n`;

export const postRequest = (path: string, body: object): string => {
  const text = JSON.stringify(body);
  const about = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
  return `${head(`POST /api/v1${path}`)}${about}\r\n${text}`;
};
