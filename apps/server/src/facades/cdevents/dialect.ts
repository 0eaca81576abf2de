import type { Dialect } from '../dialect.js';

/** CDEvents as CloudEvents over HTTP: senders name an address, and read no more of an answer than its status. */
export const cdevents: Dialect = {
  name: 'cdevents',
  prefixes: ['/cdevents'],
  // As CloudEvents' webhooks have it, for senders that cannot set a header.
  tokenParameters: ['access_token'],
  projectOf: ({ project }) => project,
  refusal: (problem) => ({ status: problem.status, body: problem.oneOfMany() }),
};
