import type { PresentedAnswer, PresentedDeployment, PresentedEvent, PresentedTarget } from '#contracts';

/** What people read, a line each; `--json` has all of it. */

export const lineOfDeployment = ({ project, target, number, version, status }: PresentedDeployment): string =>
  `${project}/${target} #${number} ${version} ${status}\n`;

/** With the time from which it stands so. */
export const lineOfHistory = (deployment: PresentedDeployment): string => {
  const { createdAt, startedAt, finishedAt, endedAt } = deployment;
  return `${lineOfDeployment(deployment).trimEnd()} ${endedAt ?? finishedAt ?? startedAt ?? createdAt}\n`;
};

export const lineOfAnswer = ({ target, deployment }: PresentedAnswer): string =>
  deployment ? lineOfDeployment(deployment) : `${target?.project}/${target?.key}: nothing changed\n`;

/** What is current there, what is on its way, and what comes next. */
export const linesOfTarget = ({ project, key, current, inFlight, next }: PresentedTarget): string => {
  const deployments = [current, inFlight, next].filter((each) => each !== null);
  return deployments.length === 0 ? `${project}/${key}\n` : deployments.map(lineOfDeployment).join('');
};

export const lineOfEvent = ({ position, recordedAt, type, project, target, number, data, actor }: PresentedEvent) => {
  const deployed = number === null ? '' : ` #${number} ${(data as { version?: string }).version}`;
  return `${position} ${recordedAt} ${project}/${target}${deployed} ${type} ${actor.name ?? actor.id}\n`;
};
