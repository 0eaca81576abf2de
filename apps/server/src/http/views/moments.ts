import type { At, ViewName } from '#projections';
import type { Query } from '../parameters.js';

type Asked = Query<'at' | 'by'>;

/** The moment that a read asks for; undefined where it asks for the present as the log has it. */
export const momentOf = ({ at, by = 'recorded' }: Asked): At | undefined =>
  at === undefined && by === 'recorded' ? undefined : { by, at };

/** What a read of what is current looks at: also the view of all moments where it asks for another one. */
export const inTime = (asked: Asked): readonly ViewName[] => (momentOf(asked) ? ['current', 'tenures'] : ['current']);
