import { create, emptyStream, finish, refs, schedule, send, start, type Sending, type Stream } from '#domain/testing';

/** The stream that these leave. */
export const told = (...sendings: readonly Sending[]): Stream =>
  sendings.reduce((stream, sending) => send(stream, sending).stream, emptyStream);

/** A target with a deployment that is current and one that is scheduled. */
export const story = told(
  create(),
  start({
    version: '1.4.0',
    commitRefs: refs('release@abc1234'),
    externalLink: { label: 'CI', url: 'https://ci.example/1' },
  }),
  finish({ commitRefs: refs('release') }),
  schedule({ version: '1.5.0', commitRefs: refs('release') }),
);
