/**
 * Installs the programs that the tests need besides npm packages. Each part fails with the remedy.
 */
import './kcat.ts';
import './programs.ts';
