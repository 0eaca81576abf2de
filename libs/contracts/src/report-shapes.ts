import { eventDataSchemas } from './event-schemas.js';
import type { JsonSchema } from './rules.js';
import { count, countOrNone, flag, listOf, oneOf, orNull, refTo, shape, status, text, time } from './shapes.js';

const seconds: JsonSchema = { type: 'number', minimum: 0 };
const median = { ...orNull(seconds), description: 'Null where nothing was counted.' };
const ids = { ...listOf(count), description: 'Ids of the newest 100 of them, newest first.' };
const counted = { count: countOrNone, deployments: ids };

const keys = {
  deploymentFrequency: {
    ...shape({ perDay: { type: 'number', minimum: 0 }, ...counted }),
    description: 'The deployments that became current in the period, rollbacks among them.',
  },
  changeFailureRate: {
    ...shape({
      rate: { ...orNull({ type: 'number', minimum: 0, maximum: 1 }), description: 'Null where there was no change.' },
      failures: { ...shape(counted), description: 'The changes that failed or were rolled back, at whatever time.' },
      changes: {
        ...shape(counted),
        description:
          'The deployments that became current in the period, or failed in it without having been current; rollbacks are none.',
      },
    }),
  },
  timeToRestore: {
    ...shape({
      medianSeconds: median,
      restored: countOrNone,
      notRestored: countOrNone,
      restorations: {
        ...listOf(
          shape({
            deployment: count,
            failedAt: time,
            restoredBy: orNull(count),
            restoredAt: orNull(time),
            seconds: orNull(seconds),
          }),
        ),
        description: 'The newest 100 of the failures, newest first, each with the id of the deployment that ended it.',
      },
    }),
    description: 'From each failure to the next deployment that became current on its target.',
  },
  leadTime: {
    ...shape({ medianSeconds: median, ...counted }),
    description: 'From `metadata.committedAt` to when it became current, of the changes that have both.',
  },
};
const period = { from: time, to: time, days: { type: 'number', exclusiveMinimum: 0 } };

const sentence = refTo('Sentence');
const told = shape({
  number: count,
  version: text,
  status,
  summary: text,
  expects: {
    ...listOf(shape({ kind: oneOf(['approvals', 'hanging', 'failing', 'due']), at: orNull(time), says: text })),
    description: 'What it waits for, by the settings in force.',
  },
  eventCount: { ...countOrNone, description: 'How many events made it; its timeline has them all.' },
  events: { ...listOf(sentence), description: 'The one that created it and the newest of the others, oldest first.' },
});

/** The shapes of what is worked out of the record, by the names that openapi.json gives them. */
export const reportSchemas: Readonly<Record<string, JsonSchema>> = {
  TargetOfVersion: shape({ project: text, target: text, isCurrent: flag, deployment: refTo('Deployment') }),
  Dora: shape({ project: text, target: text, ...period, ...keys }),
  ProjectDora: shape({
    project: text,
    ...period,
    ...keys,
    targets: {
      ...listOf(shape({ target: text, ...keys })),
      description: 'By key, each target of which anything was counted; at most 100.',
    },
    targetCount: { ...countOrNone, description: 'Of how many targets anything was counted.' },
  }),
  Sentence: shape({
    position: count,
    version: count,
    type: oneOf(Object.keys(eventDataSchemas)),
    occurredAt: time,
    recordedAt: time,
    number: orNull(count),
    says: text,
  }),
  Explanation: shape({
    project: text,
    target: text,
    version: count,
    summary: text,
    current: orNull(told),
    stopped: {
      ...orNull(sentence),
      description: 'While nothing is current: what ended the one that was current last.',
    },
    inFlight: listOf(told),
    waiting: { ...listOf(told), description: 'What comes next first, then by number.' },
    omitted: { ...countOrNone, description: 'How many more are in flight or wait.' },
    settings: shape({
      set: { ...orNull(sentence), description: 'The event that set what is in force.' },
      says: listOf(text),
    }),
  }),
};
