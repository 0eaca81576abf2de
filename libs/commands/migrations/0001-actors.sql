-- Who people are. The log names them by `opaque_id` alone, so that a person can be forgotten here without touching it:
-- what is forgotten loses `id` and `name`, and the same person coming back is somebody new.
create table actors (
  opaque_id uuid primary key default gen_random_uuid(),
  id text collate "C" unique,
  name text,
  check (id is not null or name is null)
);
