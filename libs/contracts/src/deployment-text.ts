import type { Deployment } from '#domain';
import { mayNameActor, nobody, type People } from './people.js';
import { presentDeployment } from './wire.js';

/** Members that a deployment begins and ends with where it is stored, in the order of the fold, and shown otherwise or not at all. */
const BEGINNING = /^\{("number":\d+),"created":\{"version":\d+,"position":(\d+)\},/;
const LAST = ',"clockVersion":';
const END =
  /^,"clockVersion":(?:\d+|null),"dueVersion":(?:\d+|null),"endedVersion":(?:\d+|null),"approvals":\[\],"approval":"\w+"\}$/;

/**
 * The JSON text of `presentDeployment`, from the text that a view stores. That is cut, and parsed only where a person may have
 * to be named in it, or where it is laid out in another way than the fold lays it out: a list is as fast as that makes it.
 */
export const deploymentText = (project: string, target: string, stored: string, people: People = nobody): string => {
  const beginning = mayNameActor(stored) ? null : BEGINNING.exec(stored);
  const end = stored.lastIndexOf(LAST);
  // Nothing in either part opens or closes an object besides, so what they match are members of the deployment itself.
  if (!beginning || !END.test(stored.slice(end)))
    return JSON.stringify(presentDeployment(project, target, JSON.parse(stored) as Deployment, people));
  const [{ length }, number, id] = beginning;
  const place = `"project":${JSON.stringify(project)},"target":${JSON.stringify(target)}`;
  return `{"id":${id},${place},${number},${stored.slice(length, end)}}`;
};

/** The opaque ids of people in deployments as they are stored, for whom reads look up the names. */
export const peopleInTexts = (stored: readonly string[]): string[] => {
  const ids = new Set<string>();
  for (const text of stored) {
    if (!mayNameActor(text)) continue;
    const { actor } = JSON.parse(text) as Deployment;
    if (actor.kind === 'user') ids.add(actor.id);
  }
  return [...ids];
};
