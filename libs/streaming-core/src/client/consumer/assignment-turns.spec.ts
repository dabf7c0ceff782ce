import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { AssignmentTurns } from './assignment-turns.ts';
import type { Assignment } from '../types.ts';

const assignment = (generationId: number): Assignment => ({ memberId: 'a', generationId, partitions: [] });

const listening = (work: { onRevoked?: () => Promise<void>; onAssigned?: () => Promise<void> } = {}) => {
  const told: string[] = [];
  const turns = new AssignmentTurns(
    {
      async onRevoked() {
        told.push('revoking');
        await work.onRevoked?.();
        told.push('revoked');
      },
      async onAssigned({ generationId }) {
        told.push(`assigning ${generationId}`);
        await work.onAssigned?.();
        told.push(`assigned ${generationId}`);
      },
    },
    silentLogger,
  );
  return { turns, told };
};

describe('the calls of a group listener', () => {
  it('run one at a time, however fast the group changes', async () => {
    const { turns, told } = listening({ onAssigned: () => Promise.resolve() });

    void turns.assigned(assignment(1));
    void turns.revoked();
    await turns.assigned(assignment(2));

    expect(told).toEqual(['assigning 1', 'assigned 1', 'revoking', 'revoked', 'assigning 2', 'assigned 2']);
  });

  it('leave out a revocation if nothing is assigned', async () => {
    const { turns, told } = listening();

    await turns.revoked();
    await turns.assigned(assignment(1));
    await Promise.all([turns.revoked(), turns.revoked()]);

    expect(told).toEqual(['assigning 1', 'assigned 1', 'revoking', 'revoked']);
  });

  it('keep the assignment during the drain, so that the last offsets can be committed', async () => {
    const seen: unknown[] = [];
    const { turns } = listening({
      onRevoked: async () => void seen.push(turns.held?.generationId, turns.revoking),
    });
    await turns.assigned(assignment(7));

    await turns.revoked();

    expect(seen).toEqual([7, true]);
    expect(turns.held).toBeUndefined();
    expect(turns.revoking).toEqual(false);
  });

  it('continue after the listener fails, and revoke what it failed to take over', async () => {
    const { turns, told } = listening({
      onAssigned: () => Promise.reject(new Error('the database is away')),
      onRevoked: () => Promise.reject(new Error('could not drain')),
    });

    await expect(turns.assigned(assignment(1))).rejects.toThrow('the database is away');
    await expect(turns.revoked()).resolves.toBeUndefined();

    expect(told).toEqual(['assigning 1', 'revoking']);
    expect(turns.held).toBeUndefined();
  });
});
