-- Who people are. The log names them by `opaque_id` alone, so that a person can be forgotten here without touching it:
-- what is forgotten loses `id` and `name`, and the same person coming back is somebody new.
create table actors (
  opaque_id uuid primary key default gen_random_uuid(),
  id text collate "C",
  name text collate "C",
  check (id is not null or name is null)
);

-- One row for each way of naming somebody, so that what one project calls a person shows in no other.
create unique index actors_named on actors (id, coalesce(name, ''));
