import { inventoryCommands } from '@millrace/contracts';
import { connectProducer } from '@millrace/streaming-core/client';
import { v7 as newId } from 'uuid';

const [sku = 'lamp', quantity = '1'] = process.argv.slice(2);
const command = inventoryCommands.ReserveInventory({
  orderId: newId(),
  lines: [{ sku, quantity: Number(quantity) }],
});

await using producer = connectProducer({
  bootstrapServers: [process.env.KAFKA_BOOTSTRAP_SERVERS ?? '127.0.0.1:9092'],
  clientId: 'till',
});
const [written] = await producer.send([
  {
    topic: inventoryCommands.declaration.name,
    key: command.orderId,
    value: JSON.stringify(command),
    headers: {
      ce_specversion: '1.0',
      ce_id: newId(), // the same id if you send the same command again
      ce_type: command.type,
      ce_source: '/till',
    },
  },
]);
process.stdout.write(`${command.orderId} is on partition ${written?.partition}\n`);
