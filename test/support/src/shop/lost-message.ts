import { randomBytes } from 'node:crypto';
import { Client, escapeLiteral } from 'pg';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';

/** Messages that were written to the outbox but are never published. */
export interface LostMessage {
  /** The id of the first lost message; undefined until one is lost. */
  id(): Promise<string | undefined>;
  /** Removes the trigger that loses the messages. */
  end(): Promise<void>;
}

export interface WhatIsLost {
  readonly type: string;
  /** A part of the message's JSON text, unique among the tests. */
  readonly containing: string;
  /** How many of them are lost, by default one. */
  readonly times?: number;
}

/**
 * Loses the next matching messages of a service, as if somebody had deleted their outbox rows before
 * the relay read them. The decision itself is committed, and later messages are published as usual.
 */
export async function loseMessage(
  { postgresUrl }: Pick<StackPlaces, 'postgresUrl'>,
  service: ServiceName,
  { type, containing, times = 1 }: WhatIsLost,
): Promise<LostMessage> {
  const client = new Client({ connectionString: `${postgresUrl}/millrace_${service}` });
  await client.connect();
  const name = `lost_message_${randomBytes(6).toString('hex')}`;
  await client.query(`
    CREATE TABLE ${name} (id uuid);
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.type = ${escapeLiteral(type)} AND strpos(NEW.payload, ${escapeLiteral(containing)}) > 0 AND (SELECT count(*) FROM ${name}) < ${times} THEN
        INSERT INTO ${name} VALUES (NEW.id);
        RETURN NULL;
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER ${name} BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION ${name}();`);
  return {
    id: async () => (await client.query<{ id: string }>(`SELECT id FROM ${name}`)).rows[0]?.id,
    end: async () => {
      await client.query(`DROP TRIGGER ${name} ON outbox; DROP FUNCTION ${name}(); DROP TABLE ${name};`);
      await client.end();
    },
  };
}
