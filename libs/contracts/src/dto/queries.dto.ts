import { deploymentEventTypes, environmentTypes, statuses, targetEventTypes } from '#domain';
import { ArrayMaxSize, IsArray, IsIn, IsInt, Max, Min } from 'class-validator';
import { IsKey, IsLine, IsTime, Optional, Says, together } from '../rules.js';
import { MAX_COMMIT, MAX_REF, MAX_VERSION } from './brought.dto.js';

const eventTypes = [...targetEventTypes, ...deploymentEventTypes];

const IsPosition = (): PropertyDecorator => together(Optional(), IsInt(), Min(0), Max(Number.MAX_SAFE_INTEGER));

/** What every read takes. */
export class ViewQuery {
  @Says('Wait, up to five seconds, until the view has reached this position.')
  @IsPosition()
  min_position?: number;
}

export class PageQuery extends ViewQuery {
  @Says('By default 50.')
  @Optional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @Says('`nextCursor` of the page before.')
  @Optional()
  @IsLine(1_000)
  cursor?: string;
}

/** `GET …/targets/{target}/current` */
export class AtQuery extends ViewQuery {
  @Says('The state after the last event recorded at or before this moment; by default now.')
  @Optional()
  @IsTime()
  at?: string;
}

/** `GET /current` */
export class CurrentQuery extends PageQuery {
  @Optional()
  @IsKey()
  project?: string;

  @Optional()
  @IsIn(environmentTypes)
  environmentType?: (typeof environmentTypes)[number];

  @Says('The state after the last event recorded at or before this moment; by default now.')
  @Optional()
  @IsTime()
  at?: string;
}

/** `GET …/targets/{target}/deployments` */
export class TargetHistoryQuery extends PageQuery {
  @Optional()
  @IsIn(statuses)
  status?: (typeof statuses)[number];

  @Optional()
  @IsLine(MAX_VERSION)
  version?: string;

  @Optional()
  @IsLine(MAX_REF)
  repository?: string;

  @Optional()
  @IsLine(MAX_REF)
  branch?: string;

  @Optional()
  @IsLine(MAX_COMMIT)
  commit?: string;

  @Says('Id of the actor who created it.')
  @Optional()
  @IsLine(255)
  actor?: string;

  @Says('Created at or after this moment.')
  @Optional()
  @IsTime()
  from?: string;

  @Says('Created before this moment.')
  @Optional()
  @IsTime()
  to?: string;
}

/** `GET /deployments` */
export class HistoryQuery extends TargetHistoryQuery {
  @Optional()
  @IsKey()
  project?: string;

  @Optional()
  @IsKey()
  target?: string;
}

/** `GET /events` */
export class EventsQuery extends ViewQuery {
  @Says('Events behind this position; by default all.')
  @IsPosition()
  after?: number;

  @Says('By default 50.')
  @Optional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @Says('May be given several times.')
  @Optional()
  @IsArray()
  @ArrayMaxSize(eventTypes.length)
  @IsIn(eventTypes, { each: true })
  type?: string[];

  @Optional()
  @IsKey()
  project?: string;

  @Optional()
  @IsKey()
  target?: string;
}
