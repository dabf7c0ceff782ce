import type { Memory, Script } from '../script.ts';

/**
 * The protocol of a session. With level 2, a produce request adds its partition by itself, and each
 * end of a transaction brings a new epoch (KIP-890).
 */
type Level = 1 | 2;

export interface Play {
  readonly script: Script;
  readonly level: Level;
  readonly id: string;
  readonly topic: string;
  readonly group: string;
  sequence: number;
}

export const newestBatchedClient = 3;

export const producer = (memory: Memory) => ({
  producerId: memory.get('id', 4_242n),
  producerEpoch: memory.get('epoch', 0),
});

export const remember = (
  { errorCode, producerId, producerEpoch }: { errorCode: number; producerId: bigint; producerEpoch: number },
  memory: Memory,
): void => {
  if (errorCode !== 0 || producerId < 0n) return;
  memory.set('id', producerId);
  memory.set('epoch', producerEpoch);
};
