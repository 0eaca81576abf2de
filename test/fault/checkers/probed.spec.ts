import { describe, expect, it } from '@jest/globals';
import {
  checkBacklog,
  checkKnocks,
  checkPeers,
  checkPublishable,
  checkReach,
  checkSealing,
  checkVerdicts,
  checkWhole,
  type Violation,
} from './index.js';

const invariants = (violations: readonly Violation[]): string[] => [
  ...new Set(violations.map(({ invariant }) => invariant)),
];

describe('checkers of what is let in, kept and asked', () => {
  it('find a piece of a token that opens (X7), and what another project has (X7)', () => {
    const shut = { shown: 'half a token', status: 401 };
    expect([...checkKnocks([shut]), ...checkReach([{ path: '/current', foreign: [] }])]).toEqual([]);
    expect(invariants(checkKnocks([shut, { ...shut, status: 200 }]))).toEqual(['X7']);
    expect(invariants(checkKnocks([{ ...shut, status: 403 }]))).toEqual(['X7']);
    expect(invariants(checkReach([{ path: '/current', foreign: ['canary'] }]))).toEqual(['X7']);
  });

  it('find somebody who was asked and was not meant (H3)', () => {
    const meeting = { who: 'the service', origin: 'http://issuer', path: '/keys' };
    expect(checkPeers([meeting], new Set(['http://issuer']))).toEqual([]);
    expect(
      invariants(checkPeers([meeting, { ...meeting, origin: 'http://elsewhere' }], new Set(['http://issuer']))),
    ).toEqual(['H3']);
  });

  it('find what is kept for a client that does not read (X2)', () => {
    const backlog = { what: 'a client', offered: 1_000, kept: 100 };
    expect(checkBacklog(backlog, 100)).toEqual([]);
    expect(invariants(checkBacklog({ ...backlog, kept: 101 }, 100))).toEqual(['X2']);
  });

  it('find an event that no record can be (K9)', () => {
    const event = { position: 1, data: '{}', metadata: '{}' };
    expect(checkPublishable([event], 10_000)).toEqual([]);
    const large = { ...event, data: 'é'.repeat(4_000) };
    expect(invariants(checkPublishable([event, large], 10_000))).toEqual(['K9']);
  });

  it('find a view that was half a one while it was built anew (R4)', () => {
    expect(checkWhole([{ view: 'current', rows: 4, least: 3 }])).toEqual([]);
    expect(invariants(checkWhole([{ view: 'current', rows: 0, least: 3 }]))).toEqual(['R4']);
  });
});

describe('checkers of the audit', () => {
  const whole = { checkpoints: 'of the end', verdict: 'verified', message: '' } as const;
  const forged = { ...whole, tampering: 'a byte changed', verdict: 'differs' } as const;
  const sealer = { replica: 0, state: 'running', reason: null, sealed: 10 };

  it('find nothing where all is as it was signed', () => {
    expect([...checkVerdicts([whole, forged]), ...checkSealing([sealer], 10)]).toEqual([]);
  });

  it('find a chain that is not that of the log (A1), and one that stands still (A1)', () => {
    expect(invariants(checkVerdicts([{ ...whole, verdict: 'differs' }]))).toEqual(['A1']);
    expect(invariants(checkVerdicts([{ ...whole, verdict: 'unproven' }]))).toEqual(['A1']);
    expect(invariants(checkSealing([{ ...sealer, state: 'halted' }], 10))).toEqual(['A1']);
    expect(invariants(checkSealing([sealer], 11))).toEqual(['A1']);
  });

  it('find a checkpoint that is no part of what was signed later (A2), and tampering that nobody saw (A3)', () => {
    expect(invariants(checkVerdicts([{ ...whole, checkpoints: 'put aside', verdict: 'differs' }]))).toEqual(['A2']);
    expect(invariants(checkVerdicts([{ ...forged, verdict: 'verified' }]))).toEqual(['A3']);
    expect(invariants(checkVerdicts([{ ...forged, verdict: 'unproven' }]))).toEqual(['A3']);
  });
});
