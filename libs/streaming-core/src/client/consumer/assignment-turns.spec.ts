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

describe('the turns of a listener', () => {
  it('come one after the other, however fast the group changes', async () => {
    const { turns, told } = listening({ onAssigned: () => Promise.resolve() });

    void turns.assigned(assignment(1));
    void turns.revoked();
    await turns.assigned(assignment(2));

    expect(told).toEqual(['assigning 1', 'assigned 1', 'revoking', 'revoked', 'assigning 2', 'assigned 2']);
  });

  it('leave out a revocation of nothing', async () => {
    const { turns, told } = listening();

    await turns.revoked();
    await turns.assigned(assignment(1));
    await Promise.all([turns.revoked(), turns.revoked()]);

    expect(told).toEqual(['assigning 1', 'assigned 1', 'revoking', 'revoked']);
  });

  it('hold the assignment while it drains, so that the last offsets can be committed', async () => {
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

  it('go on after a listener that fails; what it failed to take over is revoked', async () => {
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
