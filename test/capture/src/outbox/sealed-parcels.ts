import { randomUUID } from 'node:crypto';
import { postgresEventStore } from '@millrace/event-sourcing';
import type { TopicDeclaration } from '@millrace/streaming-core/contract';
import { sealingOutbox } from '@millrace/streaming-core/outbox';
import type { PersonalData } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';

const holder = 'carrier';

export const parcels: TopicDeclaration = {
  name: 'parcels',
  key: 'parcelId',
  partitions: 2,
  retention: 'unlimited',
  cleanup: 'delete',
};

export interface Person {
  readonly id: string;
  /** Nobody may read the name and the street without the keys. */
  readonly name: string;
  readonly street: string;
}

/** Records an event about a person and sends a message with the same data, as a service does. */
export async function writeParcel(
  database: SqlDatabase,
  personalData: PersonalData,
  { id, name, street }: Person,
): Promise<void> {
  const parcelId = `parcel-${randomUUID()}`;
  const store = postgresEventStore({ holder: { name: holder, personalData } });
  const now = new Date('2026-11-28T01:00:00Z');
  await database.transaction(async (transaction) => {
    const event = { type: 'ParcelOrdered', personal: { subject: id, name, street } };
    await store.append(transaction, [{ stream: parcelId, expected: 'none', events: [event] }], {
      metadata: { correlationId: parcelId, causationId: parcelId },
      newId: randomUUID,
      now,
    });
    await sealingOutbox(personalData)(transaction, [
      {
        topic: parcels.name,
        key: parcelId,
        message: { type: 'Send', parcelId, personId: id, name, street },
        personal: { holder, subject: 'personId', fields: ['name', 'street'] },
        attributes: {
          id: randomUUID(),
          source: '/millrace/order',
          type: 'Send',
          time: now.toISOString(),
          subject: parcelId,
          dataSchema: '/schemas/parcels/Send/1',
          correlationId: parcelId,
          causationId: parcelId,
        },
      },
    ]);
  });
}
