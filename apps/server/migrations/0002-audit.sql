-- The audit chain: what proves that the log is what it was. docs/audit.md says how.

-- The Merkle tree over the log: 256 hashes a row, level 0 the leaves, each next one the roots of the whole rows below. A row
-- grows at its end and is never written otherwise.
create table audit_tiles (
  level smallint not null,
  index bigint not null,
  hashes bytea not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
  primary key (level, index)
);
-- Hashes cannot be compressed: nobody need try.
alter table audit_tiles alter column hashes set storage external;

-- The keys that have signed, in the order in which they began to. What they sign with is kept elsewhere.
create table audit_keys (
  number integer generated always as identity primary key,
  key_id text collate "C" not null,
  vkey text collate "C" not null unique,
  -- How many events had been sealed by then.
  from_size bigint not null,
  added_at timestamptz not null default clock_timestamp()
);

-- What was signed: so many events, the root over them, and the note that says so.
create table audit_checkpoints (
  size bigint primary key check (size > 0),
  root bytea not null check (length(root) = 32),
  key_id text collate "C" not null,
  created_at timestamptz not null,
  note text not null
);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'What was signed stays: % of table % is refused.', lower(tg_op), tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;

create function refuse_other_hashes() returns trigger language plpgsql as $$
begin
  if (old.level, old.index) <> (new.level, new.index) or substr(new.hashes, 1, length(old.hashes)) <> old.hashes then
    raise exception 'Hashes of the tree stay: tile %/% may only grow.', old.level, old.index
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create trigger append_only before update or delete or truncate on audit_checkpoints
  for each statement execute function refuse_audit_change();
create trigger append_only before update or delete or truncate on audit_keys
  for each statement execute function refuse_audit_change();
create trigger append_only before delete or truncate on audit_tiles
  for each statement execute function refuse_audit_change();
create trigger grows before update on audit_tiles
  for each row execute function refuse_other_hashes();
