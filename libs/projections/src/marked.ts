import type { Queryable } from '#event-store';

import { findNewest, type Found } from './commits.js';
import type { DeploymentItem } from './deployments.js';
import { inSmall, ISSUE_LISTS, issueMark, PROPERTIES, propertyMark } from './marks.js';
import type { Page, PageQuery, Reach } from './page.js';

export type IssueFilters = Readonly<{ projects: Reach; issue: string; project?: string }>;

/** The deployments that are associated with an issue, newest first, each true by itself as those of a commit are. */
export const listDeploymentsOfIssue = (
  database: Queryable,
  { issue, ...where }: IssueFilters,
  page: PageQuery<number>,
): Promise<Page<DeploymentItem, number>> =>
  findNewest(database, { ...where, stretch: ['sha = ?', issueMark(issue)], confirmed: isAmong(issue) }, page);

/** Whoever overwrote the metadata may have left no list there. */
const isAmong = (issue: string): Found['confirmed'] => {
  const lists = ISSUE_LISTS.map((path) => {
    const list = `body #> '{metadata,${path.join()}}'`;
    return `exists (select from json_array_elements_text(case json_typeof(${list}) when 'array' then ${list} else '[]' end) as own
                     where lower(own collate "C") = ?)`;
  });
  return [`(${lists.join(' or ')})`, ...lists.map(() => inSmall(issue))];
};

export type PropertyFilters = Readonly<{ projects: Reach; properties: ReadonlyArray<readonly [string, string]> }>;

/** The deployments that have all of these properties, of which there is one at least, newest first. */
export const listDeploymentsWithProperties = (
  database: Queryable,
  { properties, ...where }: PropertyFilters,
  page: PageQuery<number>,
): Promise<Page<DeploymentItem, number>> => {
  const [name, value] = properties[0]!;
  const path = ['metadata', ...PROPERTIES].map((each) => `'${each}'`).join();
  const each = properties.map(() => `body #>> array[${path}, ?::text] = ?`).join(' and ');
  const stretch: Found['stretch'] = ['sha = ?', propertyMark(name, value)];
  return findNewest(database, { ...where, stretch, confirmed: [each, ...properties.flat()] }, page);
};
