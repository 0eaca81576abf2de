-- What was current on each target from when to when: a row for every moment at which that may have changed, in two orders.
-- On the axis `recorded` a moment is when events were recorded, on the axis `occurred` it is when they happened.
-- What stood at any moment is the row with the greatest `since` not after it.
--
-- The row of '-infinity' says that nothing was current before the first event. It carries the target: nothing was current on
-- that axis before `begins`, nor is from `ends` on; and on the axis `recorded` the state that the next events are folded onto.
create table tenures (
  stream text collate "C" not null,
  axis text collate "C" not null,
  since timestamptz not null,
  -- What stands from this moment on: `body` is the deployment, or null. `number` has been current since `began`, or
  -- nothing has; the event of this `version` made it so, and `actor` sent that.
  version integer not null,
  number integer,
  began timestamptz not null,
  environment_type text collate "C" not null,
  actor json not null,
  body json not null,
  -- Whether something else stood just before.
  changed boolean not null,
  -- What events said of this moment, in the order of their versions; a `deployment` left out is `body`.
  points json not null,
  project text collate "C",
  key text collate "C",
  begins timestamptz,
  ends timestamptz,
  state json,
  primary key (stream, axis, since)
) with (fillfactor = 70);
-- With the two moments in it, a target that ran nothing then is passed by without a look at its row. The
-- stream must not be in it too: with the longest keys an entry would not fit, and the view would stop.
create index on tenures (axis, project, key, begins, ends) where since = '-infinity';
