import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TargetFilters, TargetOrder } from '#projections';
import { reachOf } from '../../http/views/pages.js';
import { queryOf } from '../credentials.js';
import { FacadeReads } from '../facade-reads.js';
import { objectIn, textIn } from '../kept.js';
import { sendBatch, windowIn, windowOf } from './answering.js';
import { membersOf } from './body.js';
import { invalid } from './dialect.js';
import { projectOf } from './identifiers.js';
import { targetShape } from './shapes.js';

const orders: ReadonlyMap<string, TargetOrder['by']> = new Map([
  ['name', 'name'],
  ['key', 'key'],
  ['createdat', 'createdAt'],
  ['created', 'createdAt'],
  ['lastdeployed', 'deployedAt'],
]);
const ANYWHERE = ['key', 'name', 'description'] as const;

type Filters = Omit<TargetFilters, 'projects'>;

/** Lists of targets, by what their text says and in the order that is asked for. */
@Injectable()
export class SpaceTargetLists {
  constructor(@Inject(FacadeReads) private readonly reads: FacadeReads) {}

  /** `project` is the one that they are of, unless the query names one. */
  async send(request: FastifyRequest, reply: FastifyReply, project?: string): Promise<void> {
    const query = queryOf(request);
    const window = windowIn(request);
    const named = project ?? query.get('project');
    const search = query.get('search');
    const filters: Filters = {
      ...(named ? { within: [projectOf(named)] } : {}),
      ...(search ? { texts: [{ members: ANYWHERE, text: search }] } : {}),
    };
    const by = orders.get(query.get('sortBy')?.toLowerCase() ?? '') ?? 'key';
    const order = { by, isDescending: query.get('sortOrder')?.toUpperCase() === 'DESC' };
    await this.answer(request, reply, { filters, order, window });
  }

  async search(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { expression, batchInfo } = membersOf(request.body);
    const filters = objectIn(expression)?.['filters'];
    if (!Array.isArray(filters)) throw invalid('expression.filters must be a list.');
    const { offset: skip, batchSize: top } = objectIn(batchInfo) ?? {};
    const window = windowOf({ skip, top }, ['batchInfo.offset', 'batchInfo.batchSize']);
    const order = { by: 'key', isDescending: false } as const;
    await this.answer(request, reply, { filters: filtersIn(filters), order, window });
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { filters, order, window }: Readonly<{ filters: Filters; order: TargetOrder; window: ReturnType<typeof windowOf> }>,
  ): Promise<void> {
    const { items, total } = await this.reads.targetsWhere({ ...filters, projects: reachOf(request) }, order, window);
    await sendBatch(request, reply, { count: items.length, total, window, shapes: () => items.map(targetShape) });
  }
}

/** What each filter looks for a text in. */
const textual: Readonly<Record<string, NonNullable<Filters['texts']>[number]['members']>> = {
  ByName: ['name'],
  ByDescription: ['description'],
  ByMainLink: ['externalUrl'],
  ByLinks: ['externalUrl', 'labels'],
  ByMatchingText: ANYWHERE,
};

function filtersIn(list: readonly unknown[]): Filters {
  const all = list.map(filterIn);
  const within = all.flatMap(({ within: projects }) => (projects ? [projects] : []));
  return {
    texts: all.flatMap(({ texts = [] }) => texts),
    without: all.flatMap(({ without = [] }) => without),
    // What every filter names.
    ...(within.length === 0 ? {} : { within: within[0]!.filter((each) => within.every((one) => one.includes(each))) }),
  };
}

const NONE: Filters = { within: [] };

type Members = Readonly<Record<string, unknown>>;

/** Nothing is archived here, nobody maintains a target, and there are no custom fields. */
const others: Readonly<Record<string, (filter: Members, isNegated: boolean) => Filters>> = {
  Archived: ({ exclusive }) => (exclusive === true ? NONE : {}),
  ByMaintainers: ({ maintainers }, isNegated) => (isNegated !== asksForNobody(maintainers) ? {} : NONE),
  ByCustomField: (_, isNegated) => (isNegated ? {} : NONE),
  ByProjects: ({ projects }, isNegated) => {
    if (!Array.isArray(projects)) throw invalid('expression.filters: projects must be a list.');
    const keys = projects.map((each) => projectOf(String(each)));
    return isNegated ? { without: keys } : { within: keys };
  },
};

function filterIn(value: unknown): Filters {
  const filter = objectIn(value) ?? {};
  const name = (textIn(filter['className']) ?? '').replace(/^DeployTargetsSearchFilter\./, '');
  const members = Object.hasOwn(textual, name) ? textual[name] : undefined;
  if (members) return { texts: [{ members, text: textIn(filter['searchText']) ?? '' }] };
  const read = Object.hasOwn(others, name) ? others[name] : undefined;
  if (!read) throw invalid(`expression.filters: there is no ${name || 'filter without className'}.`);
  return read(filter, filter['negated'] === true);
}

const asksForNobody = (maintainers: unknown): boolean =>
  Array.isArray(maintainers) &&
  (maintainers.length === 0 ||
    maintainers.some((each) => String(objectIn(each)?.['className']).endsWith('NoMaintainers')));
