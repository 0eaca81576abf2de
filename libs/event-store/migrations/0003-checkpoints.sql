-- How far each subscription has read, and who may act alone. `epoch` fences: it grows with every holder, and what is written
-- under an older one is refused.

create table checkpoints (
  name text collate "C" primary key,
  position bigint not null check (position >= 0),
  moved_at timestamptz not null default clock_timestamp()
);

create table leases (
  name text collate "C" primary key,
  holder text not null,
  epoch bigint not null,
  expires_at timestamptz not null
);
