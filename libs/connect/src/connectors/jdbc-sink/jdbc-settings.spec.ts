import { describe, expect, it } from '@jest/globals';
import type { SinkConnector } from '../../plugin/connector.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { confluentJdbcSink } from './confluent-jdbc-sink.ts';
import { debeziumJdbcSink } from './debezium-jdbc-sink.ts';
import { parseJdbcUrl } from './jdbc-url.ts';

describe('a JDBC URL', () => {
  it('names host, port, database, user and TLS', () => {
    expect(
      parseJdbcUrl('jdbc:postgresql://db.example:6432/analytics?user=ada&password=x%20y&sslmode=require'),
    ).toEqual({
      host: 'db.example',
      port: 6432,
      database: 'analytics',
      user: 'ada',
      password: 'x y',
      schema: undefined,
      ssl: 'unverified',
    });
    expect(parseJdbcUrl('jdbc:postgresql:shop?ssl=true&currentSchema=app')).toMatchObject({
      host: 'localhost',
      port: 5432,
      database: 'shop',
      schema: 'app',
      ssl: 'verified',
    });
    expect(parseJdbcUrl('jdbc:postgresql://[::1]/shop')).toMatchObject({ host: '::1', ssl: 'off' });
  });

  it.each([
    ['jdbc:mysql://localhost/shop', /only PostgreSQL/],
    ['jdbc:postgresql://a,b/shop', /several hosts/],
    ['jdbc:postgresql://localhost', /not the URL of a database/],
    ['jdbc:postgresql://ada@localhost/shop', /user in the host/],
    ['jdbc:postgresql://localhost/shop?sslcert=x', /parameter sslcert is not supported: remove it/],
    ['jdbc:postgresql://localhost/shop?sslmode=maybe', /sslmode must be one of disable/],
  ])('is refused with the remedy: %s', (url, problem) => {
    expect(() => parseJdbcUrl(url)).toThrow(problem);
  });
});

describe('the settings of the PostgreSQL sinks', () => {
  const problemOf = (connector: SinkConnector, name: string, config: ConnectConfig) =>
    connector.settings.find((setting) => setting.name === name)?.check?.(config[name] ?? '', config);

  it.each([
    [{ 'pk.mode': 'none', 'insert.mode': 'upsert' }, 'insert.mode=upsert needs a primary key'],
    [{ 'pk.mode': 'record_value' }, 'record_value needs the fields of the primary key in pk.fields'],
    [{ 'pk.mode': 'kafka', 'pk.fields': 'a,b' }, 'kafka needs three names in pk.fields'],
    [{ 'pk.mode': 'record_value', 'pk.fields': 'a', 'delete.enabled': 'true' }, 'delete.enabled=true'],
    [{ 'pk.mode': 'record_key', 'insert.mode': 'upsert', 'delete.enabled': 'true' }, undefined],
  ])('must go together: %j', (config, problem) => {
    expect(problemOf(confluentJdbcSink, 'pk.mode', config)).toEqual(
      problem === undefined ? undefined : expect.stringContaining(problem),
    );
  });

  it("name the settings of Debezium's sink in its remedies", () => {
    expect(problemOf(debeziumJdbcSink, 'primary.key.mode', { 'primary.key.mode': 'record_value' })).toBe(
      'record_value needs the fields of the primary key in primary.key.fields',
    );
    expect(problemOf(debeziumJdbcSink, 'connection.url', { 'connection.url': 'x' })).toMatch(
      /only PostgreSQL/,
    );
  });
});
