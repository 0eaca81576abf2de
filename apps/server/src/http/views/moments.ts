import type { At, ViewName } from '#projections';
import type { Query } from '../parameters.js';

type Asked = Query<'at' | 'by'>;

/** The moment that a read asks for; undefined where it asks for the present as the log has it. */
export const momentOf = ({ at, by = 'recorded' }: Asked): At | undefined =>
  at === undefined && by === 'recorded' ? undefined : { by, at };

/** What a read of a view of the present looks at: that view, or the one of all moments. */
export const inTime =
  (present: ViewName) =>
  (asked: Asked): readonly ViewName[] =>
    momentOf(asked) ? [present, 'tenures'] : [present];
