/** Imported before the driver, so that it sends each statement after the answer to the previous one. */
process.env.MILLRACE_SQL_PIPELINING = 'off';
