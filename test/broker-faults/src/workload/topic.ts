/**
 * The topic of the workload. Idempotent and transactional producers write to all of its partitions.
 */
export const topic = 'ledger';
export const partitions = 3;
