import type { Relay, RelayStatus } from '@millrace/streaming-core/outbox';
import { Gauge, type Registry } from 'prom-client';

/**
 * Prometheus metrics of the relay. Each scrape asks the relay once for all figures. While the
 * database is unreachable, the last ones stay.
 */
export function observeRelay(registry: Registry, relay: Pick<Relay, 'status'>): void {
  let asked: Promise<RelayStatus | undefined> | undefined;
  const askOnce = () => {
    const asking = relay.status().catch(() => undefined);
    void asking.then(() => (asked = undefined));
    return asking;
  };
  const gauge = (
    name: string,
    help: string,
    show: (gauge: Gauge, status: RelayStatus) => void,
    labelNames: readonly string[] = [],
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const status = await (asked ??= askOnce());
        if (status !== undefined) show(this, status);
      },
    });
  gauge(
    'millrace_relay_oldest_unpublished_age_seconds',
    'Age of the oldest outbox row that is not known to be published; 0 when there is none',
    (age, { oldestUnpublishedAgeMs }) => age.set((oldestUnpublishedAgeMs ?? 0) / 1_000),
  );
  gauge('millrace_relay_publishing', '1 while this process holds the relay lease', (flag, { publishing }) =>
    flag.set(publishing ? 1 : 0),
  );
  gauge(
    'millrace_relay_position',
    'Outbox position up to which everything is published',
    (place, { position }) => place.set(Number(position)),
  );
  gauge(
    'millrace_relay_blocker_age_seconds',
    'Age of the transaction that the relay waits for at a gap in the outbox, by pid and ' +
      'application. It is absent without a gap, and NaN if the database role of the service lacks ' +
      "pg_read_all_stats and may not see the age. Only transactions of the service's own database " +
      'hold up its relay',
    showBlocker,
    ['pid', 'application'],
  );
}

function showBlocker(age: Gauge, { hole }: RelayStatus): void {
  age.reset();
  const blocker = hole?.blocker;
  if (blocker !== undefined)
    age.set(
      { pid: String(blocker.pid ?? 'prepared'), application: blocker.name },
      (blocker.ageMs ?? NaN) / 1_000,
    );
}
