import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { RebalanceCallbacks } from './rebalance-callbacks.ts';
import type { Assignment } from '../group-consumer-types.ts';

const assignment = (generationId: number): Assignment => ({ memberId: 'a', generationId, partitions: [] });

const listening = (work: { onRevoked?: () => Promise<void>; onAssigned?: () => Promise<void> } = {}) => {
  const told: string[] = [];
  const callbacks = new RebalanceCallbacks(
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
  return { callbacks, told };
};

describe('the calls of a group listener', () => {
  it('run one at a time, however fast the group changes', async () => {
    const { callbacks, told } = listening({ onAssigned: () => Promise.resolve() });

    void callbacks.assigned(assignment(1));
    void callbacks.revoked();
    await callbacks.assigned(assignment(2));

    expect(told).toEqual(['assigning 1', 'assigned 1', 'revoking', 'revoked', 'assigning 2', 'assigned 2']);
  });

  it('leave out a revocation if nothing is assigned', async () => {
    const { callbacks, told } = listening();

    await callbacks.revoked();
    await callbacks.assigned(assignment(1));
    await Promise.all([callbacks.revoked(), callbacks.revoked()]);

    expect(told).toEqual(['assigning 1', 'assigned 1', 'revoking', 'revoked']);
  });

  it('keep the assignment during the drain, so that the last offsets can be committed', async () => {
    const seen: unknown[] = [];
    const { callbacks } = listening({
      onRevoked: async () => void seen.push(callbacks.held?.generationId, callbacks.revoking),
    });
    await callbacks.assigned(assignment(7));

    await callbacks.revoked();

    expect(seen).toEqual([7, true]);
    expect(callbacks.held).toBeUndefined();
    expect(callbacks.revoking).toEqual(false);
  });

  it('continue after the listener fails, and revoke what it failed to take over', async () => {
    const { callbacks, told } = listening({
      onAssigned: () => Promise.reject(new Error('the database is away')),
      onRevoked: () => Promise.reject(new Error('could not drain')),
    });

    await expect(callbacks.assigned(assignment(1))).rejects.toThrow('the database is away');
    await expect(callbacks.revoked()).resolves.toBeUndefined();

    expect(told).toEqual(['assigning 1', 'revoking']);
    expect(callbacks.held).toBeUndefined();
  });

  describe('of a cooperative member', () => {
    const place = (partition: number) => ({ topic: 'orders', partition });
    const of = (generationId: number, ...partitions: readonly number[]): Assignment => ({
      ...assignment(generationId),
      partitions: partitions.map(place),
    });

    it('revoke only what moves, by the new generation, and then name what was added', async () => {
      const told: unknown[] = [];
      const callbacks: RebalanceCallbacks = new RebalanceCallbacks(
        {
          onRevoked: async (partitions) =>
            void told.push({
              revoked: partitions,
              held: callbacks.held?.partitions.length,
              by: callbacks.held?.generationId,
            }),
          onAssigned: async ({ partitions }, added) => void told.push({ assigned: partitions.length, added }),
        },
        silentLogger,
      );

      expect(await callbacks.assigned(of(1, 0, 1, 2))).toBe(false);
      expect(await callbacks.assigned(of(2, 0, 1))).toBe(true);
      expect(await callbacks.assigned(of(3, 0, 1, 5))).toBe(false);

      expect(told).toEqual([
        { assigned: 3, added: [0, 1, 2].map(place) },
        { revoked: [place(2)], held: 3, by: 2 },
        { assigned: 2, added: [] },
        { assigned: 3, added: [place(5)] },
      ]);
    });

    it('report a loss once and without a revocation', async () => {
      const told: unknown[] = [];
      const callbacks = new RebalanceCallbacks(
        {
          onRevoked: async () => void told.push('revoked'),
          onAssigned: () => Promise.resolve(),
          onLost: async (partitions) => void told.push({ lost: partitions, held: callbacks.held }),
        },
        silentLogger,
      );
      await callbacks.assigned(of(1, 0));

      await callbacks.lost();
      await callbacks.revoked();

      expect(told).toEqual([{ lost: [place(0)], held: undefined }]);
    });
  });
});
