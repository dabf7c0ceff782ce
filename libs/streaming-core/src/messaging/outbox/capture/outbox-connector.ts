import { seconds } from '../../../runtime/index.ts';

/** The connector that publishes an outbox. */
export interface OutboxConnector {
  /**
   * Rejects with the remedy unless a worker answers that would create the connector for a slot of
   * this name, which does not exist yet.
   */
  check(slot: string): Promise<void>;
  /**
   * Creates it for a slot, or changes it to this slot. Rejects with the remedy if no worker answers,
   * if the worker refuses the configuration, or if the connector has failed.
   */
  provide(slot: string): Promise<void>;
  /** Removes it, so that nobody reads its slot. */
  remove(): Promise<void>;
}

export interface OutboxConnectorOptions {
  /** The REST interface of our Connect worker. */
  readonly url: string;
  /** The name of the connector. */
  readonly name: string;
  /** The database of the outbox, as the worker reaches it. */
  readonly databaseUrl: string;
}

/** Controls the connector over the REST interface of Kafka Connect. */
export function connectorOfOutbox(options: OutboxConnectorOptions): OutboxConnector {
  const call = caller(options);
  const connector = `/connectors/${encodeURIComponent(options.name)}`;
  return {
    async check(slot) {
      const config = { name: options.name, ...outboxConnectorConfig({ ...options, slot }) };
      const answer = await call(
        'PUT',
        `/connector-plugins/${connectorClass}/config/validate`,
        config,
        checkTimeoutMs,
      );
      const errors =
        answer.status === 404
          ? [`it has no ${connectorClass}`]
          : errorsIn((await answer.json()) as Validated);
      if (errors.length > 0)
        throw new Error(
          `the Connect worker at ${options.url} cannot publish the outbox: ${errors.join('; ')}. ` +
            'Correct this, or set RELAY=poll',
        );
    },
    async provide(slot) {
      const found = await call('GET', `${connector}/config`);
      const current = found.status === 404 ? {} : ((await found.json()) as Readonly<Record<string, string>>);
      const wanted = outboxConnectorConfig({ ...options, slot });
      if (Object.entries(wanted).some(([setting, value]) => current[setting] !== value))
        return void (await call('PUT', `${connector}/config`, wanted));
      const failure = failureOf((await (await call('GET', `${connector}/status`)).json()) as Status);
      if (failure !== undefined)
        throw new Error(
          `the connector ${options.name} has failed: ${failure}. Restart it (POST ${options.url}/connectors/${options.name}` +
            '/restart?includeTasks=true&onlyFailed=true), or set RELAY=poll',
        );
    },
    async remove() {
      await call('DELETE', connector);
    },
  };
}

interface Status {
  readonly tasks?: readonly { readonly state: string; readonly trace?: string }[];
}

/** The answer of a worker to a configuration, as far as the relay reads it. */
interface Validated {
  readonly configs?: readonly {
    readonly value: { readonly name: string; readonly errors: readonly string[] };
  }[];
}

const errorsIn = ({ configs = [] }: Validated): readonly string[] =>
  configs.flatMap(({ value: { name, errors } }) => errors.map((error) => `${name}: ${error}`));

const failureOf = ({ tasks = [] }: Status): string | undefined =>
  tasks.find(({ state }) => state === 'FAILED')?.trace?.split('\n')[0];

const callTimeoutMs = seconds(10);
/** A worker tries for half a minute to reach the database. */
const checkTimeoutMs = seconds(40);

/** Calls the worker. Rejects unless it answers with success or 404. */
const caller =
  ({ url }: OutboxConnectorOptions) =>
  async (method: string, path: string, body?: unknown, timeoutMs = callTimeoutMs): Promise<Response> => {
    const response = await fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    }).catch((error: unknown) => {
      throw new Error(
        `no Connect worker answers at RELAY_CONNECT_URL=${url}: start one (npm start -- --with connect), ` +
          'correct the setting, or set RELAY=poll',
        { cause: error },
      );
    });
    if (response.ok || response.status === 404) return response;
    throw new Error(
      `the Connect worker at ${url} answers ${method} ${path} with ${response.status}: ${await response.text()}`,
    );
  };

const connectorClass = 'io.debezium.connector.postgresql.PostgresConnector';
const transformsOf = 'org.apache.kafka.connect.transforms';

/** The columns that become headers, as the relay makes them. */
const headers = [
  'id:header:ce_id',
  'type:header:ce_type',
  'source:header:ce_source',
  'time:header:ce_time',
  'subject:header:ce_subject',
  'dataschema:header:ce_dataschema',
  'correlationid:header:ce_correlationid',
  'causationid:header:ce_causationid',
  'traceparent:header',
  'headers:headers',
].join(',');

/**
 * The configuration with which the connector publishes the records that the relay publishes. A dead
 * letter has no source, and only the headers of its message. A heartbeat only moves the slot on, so
 * its record is left out.
 */
const outboxConnectorConfig = ({
  databaseUrl,
  slot,
}: Pick<OutboxConnectorOptions, 'databaseUrl'> & { readonly slot: string }): Readonly<
  Record<string, string>
> => ({
  'connector.class': connectorClass,
  'tasks.max': '1',
  ...databaseSettings(new URL(databaseUrl)),
  'topic.prefix': slot,
  'table.include.list': 'public.outbox',
  'slot.name': slot,
  'publication.name': slot,
  'publication.autocreate.mode': 'disabled',
  'snapshot.mode': 'no_data',
  'heartbeat.interval.ms': '1000',
  'skipped.operations': 'u,d,t',
  'tombstones.on.delete': 'false',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  predicates: 'heartbeat',
  'predicates.heartbeat.type': `${transformsOf}.predicates.TopicNameMatches`,
  'predicates.heartbeat.pattern': '__debezium-heartbeat\\..*',
  transforms: 'heartbeat,version,contentType,outbox,id',
  'transforms.heartbeat.type': `${transformsOf}.Filter`,
  'transforms.heartbeat.predicate': 'heartbeat',
  'transforms.version.type': `${transformsOf}.InsertHeader`,
  'transforms.version.header': 'ce_specversion',
  'transforms.version.value.literal': '1.0',
  'transforms.contentType.type': `${transformsOf}.InsertHeader`,
  'transforms.contentType.header': 'content-type',
  'transforms.contentType.value.literal': 'application/json',
  'transforms.outbox.type': 'io.debezium.transforms.outbox.EventRouter',
  'transforms.outbox.table.field.event.key': 'key',
  'transforms.outbox.route.by.field': 'topic',
  'transforms.outbox.route.topic.replacement': '${routedByValue}',
  'transforms.outbox.table.fields.additional.placement': headers,
  'transforms.outbox.table.field.event.headers.only.if.null': 'source',
  'transforms.id.type': `${transformsOf}.DropHeaders`,
  'transforms.id.headers': 'id',
});

const databaseSettings = ({ hostname, port, username, password, pathname, searchParams }: URL) => ({
  'database.hostname': hostname,
  'database.port': port === '' ? '5432' : port,
  'database.user': decodeURIComponent(username),
  'database.password': decodeURIComponent(password),
  'database.dbname': decodeURIComponent(pathname.slice(1)),
  'database.sslmode': searchParams.get('sslmode') ?? 'disable',
});
