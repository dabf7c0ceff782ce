import type { Message, PersonalFields } from '../../contract/index.ts';
import { sealFields, type KeyName, type LoadedKeys, type PersonalData } from '../../personal/index.ts';
import { refuseOversize, type OutboxRow } from './outbox-row.ts';

/** A message that is sealed when its row is written. */
export interface Sealing {
  readonly personalData: PersonalData;
  readonly key: KeyName;
  readonly fields: PersonalFields;
  readonly message: Message;
}

/** A row to insert. With `sealing` its payload is still missing. */
export interface RowToWrite extends OutboxRow {
  readonly sealing?: Sealing;
}

/** Seals the rows that need it, with one call for all their keys. Keeps the order. */
export async function sealRows(rows: readonly RowToWrite[]): Promise<readonly OutboxRow[]> {
  const sealings = rows.flatMap(({ sealing }) => sealing ?? []);
  const keys = new Map<PersonalData, LoadedKeys>();
  for (const personalData of new Set(sealings.map((sealing) => sealing.personalData))) {
    const own = sealings.filter((sealing) => sealing.personalData === personalData);
    keys.set(personalData, await personalData.keysToSeal(own.map(({ key }) => key)));
  }
  return rows.map((row) => sealRow(row, keys));
}

function sealRow({ sealing, ...row }: RowToWrite, loaded: ReadonlyMap<PersonalData, LoadedKeys>): OutboxRow {
  if (sealing === undefined) return row;
  const { personalData, key, fields, message } = sealing;
  const keys = loaded.get(personalData)!;
  const sealed = { ...row, payload: JSON.stringify(sealFields(keys, key, fields, row.id, message)) };
  refuseOversize(sealed);
  return sealed;
}
