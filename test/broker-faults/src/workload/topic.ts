/** Of the workload: idempotent and transactional producers write to all of it. */
export const topic = 'ledger';
export const partitions = 3;
