-- What the figures of delivery ask of a deployment. `failed_at`: it failed then, or was rolled back and became current then.
alter table deployments
  add column finished_at timestamptz,
  add column failed_at timestamptz,
  add column committed_at timestamptz,
  add column rolls_back boolean not null default false;
create index on deployments (project, key, finished_at, id) where finished_at is not null;
create index on deployments (project, key, failed_at) where finished_at is null and failed_at is not null;

-- Where a version runs and ran, and what runs on a target.
create index on deployments (version, project, key, id) where finished_at is not null;
create index on deployments (project, key) where status = 'current';
