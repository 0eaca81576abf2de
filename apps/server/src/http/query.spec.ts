import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import type { BadInput } from '#contracts';
import type { ParameterName } from './parameters.js';
import { readQuery } from './query.js';

const names: ParameterName[] = ['project', 'status', 'from', 'limit', 'type', 'min_position'];
const read = (query: string) => readQuery({ raw: { url: `/x${query}` } } as FastifyRequest, names);
const fieldsAtFault = (query: string): string[] => {
  try {
    read(query);
  } catch (error) {
    return (error as BadInput).errors.map(({ field }) => field);
  }
  return [];
};

describe('the query', () => {
  it('is empty where there is none', () => {
    for (const query of ['', '?', '?&']) expect(read(query)).toEqual({});
  });

  it('is decoded, typed and spelled in one way', () => {
    const query = '?project=octocat%2Fan+example&limit=200&from=2026-11-20T11:00:00%2B01:00&status=rolled_back';
    expect(read(query)).toEqual({
      project: 'octocat/an example',
      limit: 200,
      from: '2026-11-20T10:00:00.000000Z',
      status: 'rolled_back',
    });
  });

  it('is the same in whatever order it was given', () => {
    const query = read('?type=TargetDeleted&project=a&type=TargetCreated');
    expect(JSON.stringify(query)).toBe(JSON.stringify(read('?project=a&type=TargetCreated&type=TargetDeleted')));
  });

  it('may have the offset of a time as it is', () => {
    expect(read('?from=2026-11-20T11:00:00+01:00')).toEqual({ from: '2026-11-20T10:00:00.000000Z' });
    expect(fieldsAtFault('?from=2026-11-20+11:00')).toEqual(['from']);
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?limit=-1', 'limit'],
    ['?limit=1e2', 'limit'],
    ['?limit=', 'limit'],
    ['?limit=50&limit=50', 'limit'],
    ['?project=a&project=b', 'project'],
    ['?min_position=9007199254740993', 'min_position'],
    ['?status=gone', 'status'],
    ['?from=2026-13-01T00:00:00Z', 'from'],
    ['?from=yesterday', 'from'],
    ['?project=', 'project'],
    ['?project=%00', 'project'],
    [`?project=${'x'.repeat(201)}`, 'project'],
    ['?project=%ff', 'query'],
    ['?%zz=1', 'query'],
    ['?project[__proto__]=1', 'project[__proto__]'],
    ['?__proto__=1', '__proto__'],
    ['?constructor=1', 'constructor'],
    ['?LIMIT=1', 'LIMIT'],
    ['?at=2026-01-01T00:00:00Z', 'at'],
  ])('refuses %s, naming it', (query, field) => {
    expect(fieldsAtFault(query)).toEqual([field]);
  });

  it('must have what is required, in a spelling that can be read', () => {
    const required = (query: string) => () =>
      readQuery({ raw: { url: `/x${query}` } } as FastifyRequest, ['from', 'to'], ['from', 'to']);
    expect(required('?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z')).not.toThrow();
    expect(required('?to=2026-01-01T00:00:00Z')).toThrow(
      expect.objectContaining({ errors: [{ field: 'from', message: 'must be given' }] }),
    );
    expect(required('?from=yesterday')).toThrow(
      expect.objectContaining({
        errors: [
          { field: 'from', message: expect.stringContaining('RFC 3339') },
          { field: 'to', message: 'must be given' },
        ],
      }),
    );
  });

  it('names everything at fault at once', () => {
    expect(fieldsAtFault('?limit=0&nope=1&status=current')).toEqual(['limit', 'nope']);
  });

  it('makes a list of what may be given several times', () => {
    expect(read('?type=TargetCreated&type=DeploymentDue')).toEqual({ type: ['DeploymentDue', 'TargetCreated'] });
  });
});
