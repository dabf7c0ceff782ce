import { randomBytes } from 'node:crypto';
import { Client, escapeLiteral } from 'pg';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';

/** A message that was written to the outbox but is never published. */
export interface LostMessage {
  /** The id of the lost message; undefined until one is lost. */
  id(): Promise<string | undefined>;
  /** Removes the trigger that loses the message. */
  end(): Promise<void>;
}

export interface WhatIsLost {
  readonly type: string;
  /** A part of the message's JSON text, unique among the tests. */
  readonly containing: string;
}

/**
 * Loses the next matching message of a service, as if somebody had deleted its outbox row before
 * the relay read it. The decision itself is committed, and later messages are published as usual.
 */
export async function loseMessage(
  { postgresUrl }: Pick<StackPlaces, 'postgresUrl'>,
  service: ServiceName,
  { type, containing }: WhatIsLost,
): Promise<LostMessage> {
  const client = new Client({ connectionString: `${postgresUrl}/millrace_${service}` });
  await client.connect();
  const name = `lost_message_${randomBytes(6).toString('hex')}`;
  await client.query(`
    CREATE TABLE ${name} (id uuid);
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.type = ${escapeLiteral(type)} AND strpos(NEW.payload, ${escapeLiteral(containing)}) > 0 AND NOT EXISTS (SELECT FROM ${name}) THEN
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
