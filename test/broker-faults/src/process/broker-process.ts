/** A broker in a process of its own, which tests may kill. Its one argument: the options as JSON. Says its port, each error that it logs, and why it cuts a peer off. */
import { startBroker, type BrokerOptions } from '@millrace/streaming-core/broker';

const options = JSON.parse(process.argv[2] ?? '{}') as BrokerOptions;
const ignore = () => undefined;
const error = (fields: object, message: string) => {
  const { err } = fields as { readonly err?: unknown };
  process.send?.({ error: `${message}: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}` });
};
const warn = (fields: object) => {
  const { reason } = fields as { readonly reason?: string };
  if (reason !== undefined) process.send?.({ cut: reason });
};
const broker = await startBroker({ ...options, logger: { debug: ignore, info: ignore, warn, error } });
process.send?.({ port: broker.port });
process.on('disconnect', () => process.exit(0));
