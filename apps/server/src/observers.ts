import type { Observer, Submission } from '#commands';
import type { InboxObserver, PublisherObserver, TopicNames } from '#kafka';
import type { BeginSpan, Metrics, Tracing } from '#runtime';

/** The waist in metrics and, where somebody traces, in spans: one for each command of a batch that came with a trace. */
export const observeWaist = (
  { commands, batchSize, appendSeconds }: Metrics,
  { begin }: Pick<Tracing, 'begin'>,
): Observer => ({
  appended(count, seconds) {
    batchSize.observe(count);
    appendSeconds.observe(seconds);
  },
  answered: (type, outcome) => commands.inc({ type, outcome }),
  ...(begin && { setsOut: (submissions) => appendSpans(submissions, begin) }),
});

function appendSpans(submissions: readonly Submission[], begin: BeginSpan): (error?: unknown) => void {
  const size = submissions.length;
  const spans = submissions.flatMap(({ traceparent: parent, command: { type } }) => {
    if (parent === undefined) return [];
    const attributes = {
      'db.system.name': 'postgresql',
      'db.operation.name': 'append',
      'db.operation.batch.size': size,
      'shiplog.command.type': type,
    };
    return begin('append', { kind: 'client', parent, attributes });
  });
  return (error) => spans.forEach((span) => span.end(error));
}

/** What a record of the commands topic goes to the dead topic for. */
const burials = ['malformed', 'forbidden', 'idempotency_key_reused', 'not_recordable'];

export function observeInbox({ inboxRecords, inboxRestarts, deadLetters }: Metrics): InboxObserver {
  // A series that is there from the start can be seen to grow.
  for (const reason of burials) deadLetters.inc({ reason }, 0);
  return {
    handled: (records) => inboxRecords.inc(records),
    buried: (reason) => deadLetters.inc({ reason }),
    restarted: () => inboxRestarts.inc(),
  };
}

/** Topics by their own names: what stands before them is a matter of configuration. */
export function observePublishers(
  { relayBatches, relayRecords, relayErrors }: Metrics,
  { events, outcomes, current, checkpoints }: TopicNames,
): PublisherObserver {
  const names = new Map(
    Object.entries({ events, outcomes, current, checkpoints }).map(([name, topic]) => [topic, name]),
  );
  for (const name of names.values()) relayErrors.inc({ name }, 0);
  return {
    sent(topic, records) {
      const name = names.get(topic)!;
      relayBatches.inc({ name });
      relayRecords.inc({ name }, records);
    },
    failed: (topic) => relayErrors.inc({ name: names.get(topic)! }),
  };
}
