import { streamOf } from '#domain';
import type { EventFilter } from '#event-store';
import type { Reach } from '#projections';
import type { Query } from '../parameters.js';

/** The events that a query asks for, of those that its sender may see. Streams are named by project and key, each percent-encoded. */
export function filterOf({ type, project, target }: Query, reach: Reach): EventFilter {
  const types = type ? { types: type } : {};
  const projects = project === undefined ? reach : within(reach, project);
  if (projects === '*') return { ...types, ...anywhere(target) };
  if (target === undefined) return { ...types, prefixes: projects.map(prefixOf) };
  return { ...types, streams: projects.map((each) => streamOf(each, target)) };
}

const within = (reach: Reach, project: string): readonly string[] =>
  reach === '*' || reach.includes(project) ? [project] : [];

const anywhere = (target: string | undefined): EventFilter =>
  target === undefined ? {} : { suffix: `/${encodeURIComponent(target)}` };

const prefixOf = (project: string): string => `target:${encodeURIComponent(project)}/`;

/** Whether nothing can pass. */
export const isNothing = ({ prefixes, streams }: EventFilter): boolean =>
  prefixes?.length === 0 || streams?.length === 0;
