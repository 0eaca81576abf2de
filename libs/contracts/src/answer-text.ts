import { inFlightOf, nextOf, type Deployment, type Target } from '#domain';
import { nobody, type People } from './people.js';
import { presentDeployment, presentOutcome, presentTargetAlone, type CommandOutcome } from './wire.js';

type Answer = Readonly<{ outcome: CommandOutcome; target: Target | null; deployment: Deployment | null }>;

/** The JSON text of `presentAnswer`. A deployment that stands in it twice, as one that has become current does, is written once. */
export const answerText = ({ outcome, target, deployment }: Answer, people: People = nobody): string => {
  const texts = new Map<Deployment | null, string>([[null, 'null']]);
  const textOf = (each: Deployment | null): string => {
    const known = texts.get(each);
    if (known !== undefined) return known;
    const text = JSON.stringify(presentDeployment(target!.project, target!.key, each!, people));
    texts.set(each, text);
    return text;
  };
  const targetText = (shown: Target): string =>
    `${unfinished(presentTargetAlone(shown))},"current":${textOf(shown.current)},"inFlight":${textOf(inFlightOf(shown))}` +
    `,"next":${textOf(nextOf(shown))}}`;
  return (
    `${unfinished(presentOutcome(outcome))},"target":${target ? targetText(target) : 'null'}` +
    `,"deployment":${target ? textOf(deployment) : 'null'}}`
  );
};

/** An object that has members, but for its last brace: more may follow. */
const unfinished = (value: object): string => JSON.stringify(value).slice(0, -1);
