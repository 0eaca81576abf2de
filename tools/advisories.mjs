import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// .npmrc switches the look-up off for each install; here it is asked for.
const args = ['audit', '--omit=dev', '--audit-level=high', '--json', '--fetch-retries=0', '--fetch-timeout=20000'];
const { stdout, status } = spawnSync('npm', args, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  encoding: 'utf8',
  // Where nobody answers it is as if there were none.
  timeout: 60_000,
});

const read = () => {
  try {
    return JSON.parse(stdout);
  } catch {
    return {};
  }
};

const { auditReportVersion, vulnerabilities = {}, message } = read();
if (auditReportVersion === undefined) {
  console.log(`Advisories were left out, the registry gives none: ${message ?? `npm audit ended with ${status}`}`);
} else {
  const severe = Object.values(vulnerabilities).filter(({ severity }) => ['high', 'critical'].includes(severity));
  for (const { name, severity } of severe) console.log(`FAILED ${name}: ${severity}; see npm audit --omit=dev`);
  if (severe.length === 0)
    console.log('No dependency of the product has a known vulnerability of level high or above.');
  process.exitCode = severe.length === 0 ? 0 : 1;
}
