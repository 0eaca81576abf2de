import { explain } from '../explain/explain.js';
import { presentDora, presentProjectDora, presentTargetOfVersion } from '../reports.js';
import { standing } from './scenes.js';
import { loggedOf, PROJECT, TARGET, tell } from './story.js';

const { target, events } = tell(standing);
const current = target.current!;
const logged = events.map(loggedOf);
const about = (number: number) => {
  const own = logged.filter(({ data }) =>
    [`"number":${number},`, `"supersededBy":${number}`].some((is) => data.includes(is)),
  );
  return { events: own, count: own.length };
};
const explanation = explain(target, {
  events: new Map([current, ...target.open].map(({ number }) => [number, about(number)])),
  settingsSet: logged[0],
  stopped: undefined,
});

const period = { from: '2026-11-16T00:00:00.000000Z', to: '2026-11-23T00:00:00.000000Z' };
const counts = {
  target: TARGET,
  days: 7,
  successes: { count: 3, deployments: [4_719, 4_711, 4_702] },
  changes: { count: 2, deployments: [4_711, 4_702] },
  failures: { count: 1, deployments: [4_711] },
  restored: {
    count: 1,
    medianSeconds: 960,
    restorations: [
      {
        deployment: 4_711,
        failedAt: '2026-11-18T09:14:00.000000Z',
        restoredBy: 4_719,
        restoredAt: '2026-11-18T09:30:00.000000Z',
        seconds: 960,
      },
    ],
  },
  lead: { count: 1, deployments: [4_702], medianSeconds: 5_400 },
};

/** An example of each shape of what is worked out of the record, by its name among the components. */
export const reportExamples: Readonly<Record<string, unknown>> = {
  TargetOfVersion: presentTargetOfVersion(PROJECT, TARGET, current),
  Dora: presentDora(PROJECT, TARGET, period, counts),
  ProjectDora: presentProjectDora(PROJECT, period, counts, { targets: [counts], targetCount: 1 }),
  Sentence: explanation.current!.events[0],
  Explanation: explanation,
};
