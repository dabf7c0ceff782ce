/**
 * Installs the programs that the tests need in addition to npm packages. If an installation fails,
 * the error names the remedy.
 */
import './kcat.ts';
import './programs.ts';
