import { describe, expect, it } from '@jest/globals';
import { ask, query } from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';
import { kcat, readTopic } from '@millrace/testing/kcat';
import { v7 as newId } from 'uuid';

const stack = sharedStack();
const sku = 'g24-teapot';
const orderId = newId();
const limitMs = 60_000;

/** Writes a command with a foreign program, as the guide's other services would. */
function sendCommand(type: string, id: string): Promise<string> {
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: '/guides/kcat',
    ce_type: type,
    ce_time: new Date().toISOString(),
    ce_subject: orderId,
    ce_dataschema: `/schemas/inventory-commands/${type}/1`,
    ce_correlationid: orderId,
    ce_causationid: orderId,
  };
  const flags = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const command = { type, orderId, lines: [{ sku, quantity: 3 }] };
  return kcat(
    ['-b', stack.bootstrapServers, '-t', 'inventory-commands', '-P', '-k', orderId, ...flags],
    JSON.stringify(command),
  );
}

describe('G24 a command that enters by the log', () => {
  const reserved = async () =>
    (await ask<{ reserved: number }>('GET', `${stack.urls.inventory}/products/${sku}`)).reserved;
  const eventsOfOrder = () =>
    query(
      stack,
      'inventory',
      "SELECT stream, type FROM event WHERE stream = 'reservation-' || $1 ORDER BY version",
      [orderId],
    );

  it('is decided once by the write side, and its event reaches the log and the read model', async () => {
    const price = { amount: 1_000, currency: 'EUR' };
    await ask('PUT', `${stack.urls.inventory}/products/${sku}`, { name: 'Teapot', price });
    await ask('POST', `${stack.urls.inventory}/products/${sku}/receipts`, { quantity: 10 });

    const commandId = newId();
    await sendCommand('ReserveInventory', commandId);
    await sendCommand('ReserveInventory', commandId); // its sender was not sure, and repeats it
    await until('the reservation', limitMs, async () => (await reserved()) === 3);

    const told = async () =>
      (await readTopic(stack.bootstrapServers, 'inventory-events')).filter(({ key }) => key === orderId);
    await until('the event', limitMs, async () => (await told()).length > 0);
    const [event] = await told();
    expect(event?.headers.get('ce_type')).toBe('InventoryReserved');
    expect(event?.headers.get('ce_causationid')).toBe(commandId);

    await sendCommand('ReleaseInventory', newId());
    await until('the release', limitMs, async () => (await reserved()) === 0);
    expect((await eventsOfOrder()).map(({ type }) => type)).toEqual([
      'InventoryReserved',
      'InventoryReleased',
    ]);
  });
});
