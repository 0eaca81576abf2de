import { expect, it } from '@jest/globals';
import { artifactsClient, digestOf } from '../../../../../../test/support/artifacts.js';
import { TOKEN } from '../../../../../../test/support/server.js';
import { storyServer } from '../../../../../../test/support/suite.js';

const api = storyServer();

const { ask, image } = artifactsClient(() => api);

/** As github/deployment-tracker sends it. */
const tracker = {
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  'user-agent': 'GitHub-Deployment-Tracker',
};

it('github/deployment-tracker reports its cluster as it starts, then what comes and goes', async () => {
  const { org, project, records, said, natives } = image();
  const jobs = `${records}/cluster/moda-1/jobs`;
  const snapshot = {
    ...{ logical_environment: 'prod', physical_environment: '', partial_success: true },
    deployments: ['web', 'worker'].map((container) => ({
      ...{ name: `registry.example/${project}`, digest: digestOf(1), version: '1.2.3', status: 'deployed' },
      ...{ deployment_name: `shop/shop/${container}`, runtime_risks: ['internet-exposed'], tags: { team: 'shop' } },
    })),
  };
  const started = await ask('POST', jobs, snapshot, { headers: tracker });
  expect([started.status, started.json]).toEqual([202, { job_id: expect.any(Number) }]);
  const job = await ask('GET', `${jobs}/${started.json.job_id}`, undefined, { headers: tracker });
  expect([job.status, job.json]).toEqual([
    200,
    {
      ...{ job_id: started.json.job_id, status: 'completed', total_count: 2 },
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  ]);
  const one = said({
    ...{ name: `registry.example/${project}`, digest: digestOf(2), version: '1.3.0', physical_environment: '' },
    ...{ deployment_name: 'shop/shop/web', return_records: false },
  });
  const rolled = await ask('POST', records, one, { headers: tracker });
  expect([rolled.status, rolled.json]).toEqual([200, { total_count: 1 }]);
  const gone = await ask('POST', records, { ...one, status: 'decommissioned' }, { headers: tracker });
  expect(gone.status).toBe(200);
  expect((await natives()).map(({ target, version, status }) => [target, version, status]).toSorted()).toEqual([
    ['prod/-/moda-1/shop/shop/web', '1.2.3', 'completed'],
    ['prod/-/moda-1/shop/shop/web', '1.3.0', 'retired'],
    ['prod/-/moda-1/shop/shop/worker', '1.2.3', 'current'],
  ]);
  const runs = await ask('GET', `/api/v3/orgs/${org}/artifacts/${digestOf(1)}/metadata/deployment-records`);
  expect(runs.json).toMatchObject({ total_count: 1, deployment_records: [{ deployment_name: 'shop/shop/worker' }] });
});

it('github/deployment-tracker reports a large cluster at once', async () => {
  const { org, project, records } = image();
  const count = 1_200;
  const snapshot = {
    ...{ logical_environment: 'prod', physical_environment: '', partial_success: true },
    deployments: Array.from({ length: count }, (_, n) => ({
      ...{ name: `registry.example/${project}`, digest: digestOf(3), version: '1.2.3', status: 'deployed' },
      ...{ deployment_name: `shop/shop/container-${n}`, runtime_risks: ['internet-exposed'], tags: { team: 'shop' } },
    })),
  };
  expect(JSON.stringify(snapshot).length).toBeGreaterThan(262_144);
  const jobs = `${records}/cluster/large/jobs`;
  for (let time = 0; time < 2; time += 1) {
    const { status, json } = await ask('POST', jobs, snapshot, { headers: tracker });
    expect(status).toBe(202);
    const job = await ask('GET', `${jobs}/${json.job_id}`, undefined, { headers: tracker });
    expect(job.json).toMatchObject({ status: 'completed', total_count: count });
  }
  const runs = await ask('GET', `/api/v3/orgs/${org}/artifacts/${digestOf(3)}/metadata/deployment-records`);
  expect(runs.json.total_count).toBe(count);
}, 60_000);
