import { presentDeployment, presentEvent, presentOutcome, presentProject, presentTarget } from '../wire.js';
import { problemExample } from './problems.js';
import { answerOf, COMMAND_ID, loggedOf, PROJECT, STORE_ID, TARGET, tell } from './story.js';
import { standing } from './scenes.js';

const story = tell(standing);
const { target, events } = story;
const finished = events.find(({ type }) => type === 'DeploymentFinished')!;

/** An example of each schema that an answer may have, by its name among the components. */
export const answerExamples: Readonly<Record<string, unknown>> = {
  Actor: { id: 'ci', kind: 'service' },
  Answer: answerOf(story),
  Deployment: presentDeployment(PROJECT, TARGET, target.current!),
  Event: presentEvent(STORE_ID, loggedOf(finished)),
  Outcome: presentOutcome({
    commandId: COMMAND_ID,
    outcome: 'rejected',
    code: 'no_open_deployment',
    detail: 'No deployment that waits or is in flight matches: there is nothing to cancel.',
    position: 4_712,
    version: 12,
    events: [],
  }),
  Health: { status: 'ready', reasons: [] },
  Problem: problemExample('target_not_found'),
  Project: presentProject({ key: PROJECT, targets: 3 }),
  Status: {
    position: 4_712,
    roles: ['api', 'projector', 'relay'],
    projections: [{ name: 'current', version: 1, position: 4_712, lag: 0, state: 'running' }],
    relays: [{ name: 'events', topic: 'shiplog.events', position: 4_710, lag: 2 }],
    loops: {},
  },
  Target: presentTarget(target),
};
