-- Who may send requests. No secret is here: a token is known by its SHA-256 alone.
create table tokens (
  id uuid primary key,
  digest bytea not null unique check (length(digest) = 32),
  name text collate "C" not null,
  kind text not null check (kind in ('user', 'service')),
  scopes text[] not null check (cardinality(scopes) > 0),
  -- Null: all of them.
  projects text[] collate "C" check (cardinality(projects) > 0),
  created_at timestamptz not null default now(),
  created_by json not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  -- For ever: the row stays, so that who could do what when can still be told.
  revoked_at timestamptz
);

create index tokens_named on tokens (name) where revoked_at is null;
