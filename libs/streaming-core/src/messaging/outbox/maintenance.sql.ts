export const createOutboxDays = `SELECT create_day_partitions('outbox', (now() AT TIME ZONE 'UTC')::date, $1)`;

/** Only what every relay's cursor has passed. $1 retention in ms. */
export const dropOutboxDays = `
  SELECT drop_day_partitions('outbox', 'created_at', now() - $1 * interval '1 millisecond', (SELECT min(position) FROM relay_cursor))`;

/** From yesterday on: a message may have been made before midnight. */
export const createInboxDays = `SELECT create_day_partitions('inbox', (now() AT TIME ZONE 'UTC')::date - 1, $1 + 1)`;

/** $1 retention in ms. */
export const dropInboxDays = `SELECT drop_day_partitions('inbox', 'time', now() - $1 * interval '1 millisecond', NULL)`;
