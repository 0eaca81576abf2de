import { describe, expect, it } from '@jest/globals';
import { rejections, type RejectionCode } from '#domain';
import { problemOf, problems } from './problem.js';

describe('problemOf', () => {
  it('answers as RFC 9457 has it, in the order of api.md', () => {
    expect(JSON.stringify(problemOf('version_conflict', 'It is at 18.', { commandId: 'c-1' }))).toBe(
      '{"type":"urn:shiplog:problem:version_conflict","title":"The target has moved on since the version that the ' +
        'command expects.","status":412,"detail":"It is at 18.","code":"version_conflict","commandId":"c-1"}',
    );
  });

  it('has a status of the 4xx for every rejection', () => {
    for (const code of Object.keys(rejections) as RejectionCode[])
      expect([404, 409, 412, 422]).toContain(problems[code].status);
  });

  it.each([
    ['target_not_found', 404],
    ['target_exists', 409],
    ['not_allowed_from', 409],
    ['version_required', 422],
    ['commit_required', 422],
    ['unknown_rule', 422],
    ['idempotency_key_reused', 422],
    ['view_behind', 503],
  ] as const)('%s is %d', (code, status) => expect(problemOf(code).status).toBe(status));
});
