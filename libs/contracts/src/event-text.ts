import { parseSubject, type Actor } from '#domain';
import { eventIdOf, keyOfStream, numberIn, type LoggedEvent } from './cloud-events.js';
import { mayNameActor, mayNameClaimant, nobody, presentActor, type People } from './people.js';

/**
 * An event of the log as JSON text on one line: what `GET /events`, streams and timelines show. Its `data` are the bytes of
 * the log, parsed only where the name of a person may have to be put in: an export is as fast as that makes it.
 */
export const eventText = (storeId: string, event: LoggedEvent, people: People = nobody): string =>
  `{"position":${event.position},"id":"${eventIdOf(storeId, event.position)}","type":"${event.type}",${placeIn(event.stream)}` +
  `,"version":${event.version},"number":${numberOf(event)}` +
  `,"occurredAt":"${event.occurredAt}","recordedAt":"${event.recordedAt}"` +
  `,"actor":${actorIn(event.metadata, people)},"commandId":${JSON.stringify(event.commandId)}` +
  `,"data":${dataOf(event.data, people)}}`;

/** Keeps what was made for the texts met last, so many of them at most. */
const remembering = (make: (text: string) => string, most = 20_000): ((text: string) => string) => {
  const made = new Map<string, string>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const value = make(text);
    if (made.size === most) made.clear();
    made.set(text, value);
    return value;
  };
};

/** The members that say where. */
export const placeIn = remembering((stream) => {
  const subject = parseSubject(keyOfStream(stream));
  if (!subject) throw new Error(`${stream} is the stream of no target`);
  return `"project":${JSON.stringify(subject.project)},"target":${JSON.stringify(subject.key)}`;
});

export const numberOf = ({ type, data }: Pick<LoggedEvent, 'type' | 'data'>): number | null =>
  type.startsWith('Target') ? null : (numberIn(data) ?? null);

const dataOf = (data: string, people: People): string => {
  if (!mayNameClaimant(data)) return data;
  const parsed = JSON.parse(data) as { claimedBy?: { id: string } };
  const person = parsed.claimedBy && people.get(parsed.claimedBy.id);
  return person ? JSON.stringify({ ...parsed, claimedBy: person }) : data;
};

const presented = (metadata: string, people: People): string =>
  JSON.stringify(presentActor((JSON.parse(metadata) as { actor: Actor }).actor, people));
/** Services are few, and no name is put in for them that could change. */
const service = remembering((metadata) => presented(metadata, nobody));

export const actorIn = (metadata: string, people: People): string => {
  if (mayNameActor(metadata)) return presented(metadata, people);
  // The trace is another one for each command.
  const end = metadata.indexOf(',"traceparent":');
  return service(end === -1 ? metadata : `${metadata.slice(0, end)}}`);
};
